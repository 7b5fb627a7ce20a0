// Second factors and passkeys on the built-in pages, as a new user meets them, with a real browser and its authenticator.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { create } from 'qrcode';
import { findBarriers } from '../support/axe.ts';
import { openChromium } from '../support/chromium.ts';
import { FACTOR_SCHEMA } from '../support/factor-server.ts';
import { startPageServer } from '../support/page-server.ts';
import { readQrModules } from '../support/read-qr.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';
import { type Visitor, visit } from '../support/visitor.ts';

const SESSION = { hooks: [{ hook: 'session' }] };

const browser = await openChromium({ after });
const server = await startPageServer(
  { after },
  {
    host: 'localhost',
    schema: FACTOR_SCHEMA,
    flows: { registration: { after: { password: SESSION, passkey: SESSION } } },
    methodsAt: (url) => {
      const rp = { id: 'localhost', display_name: 'Example', origins: [new URL(url).origin] };
      return {
        passkey: { enabled: true, config: { rp } },
        webauthn: { enabled: true, config: { rp } },
        totp: { enabled: true, config: { issuer: 'Example' } },
        lookup_secret: { enabled: true },
      };
    },
  },
);

const appCode = (secret: string): string =>
  new TOTP({ secret }).generate({ timestamp: server.clock.nowMs() });

/** Sets an app up from what the page shows, and returns its secret. */
async function setUpApp(ada: Visitor): Promise<string> {
  const secret = (await ada.page.locator('#totp-totp_secret_key code').textContent()) ?? '';
  await ada.fill({ '2. Enter the code shown in the app': appCode(secret) });
  await ada.press('Turn on');
  await ada.page.getByRole('button', { name: /^Remove authenticator app/ }).waitFor();
  server.clock.advance(30_000);
  return secret;
}

async function createCodes(ada: Visitor): Promise<readonly string[]> {
  await ada.press('Create backup codes');
  const codes = await ada.page.locator('.codes code').allTextContents();
  assert.equal(codes.length, 12);
  return codes;
}

const signedIn = (page: Page, email: string): Promise<void> =>
  page.getByText(`Signed in as ${email}`).waitFor();

test('one signs up with a passkey, signs out, and signs in from the list of the identifier’s field', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const authenticator = await addAuthenticator(ada.page);
  const email = 'passkey@example.org';
  await ada.page.goto(`${server.url}self-service/registration/browser`);
  // A passkey for a form with a fault in it would be of no use.
  await ada.press('Sign up with passkey');
  assert.equal(await authenticator.keyCount(), 0);
  await ada.fill({ 'E-mail address': email });
  await ada.press('Sign up with passkey');
  await signedIn(ada.page, email);
  assert.equal(await authenticator.keyCount(), 1);
  assert.ok(await ada.page.getByRole('button', { name: /^Remove passkey/ }).isDisabled());
  // The authenticator chooses the one passkey of the list.
  await ada.press('Sign out');
  await signedIn(ada.page, email);
});

test('one presses the button where the list stays closed, and reads why it did not work', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const authenticator = await addAuthenticator(ada.page);
  const email = 'button@example.org';
  await ada.page.goto(`${server.url}self-service/registration/browser`);
  await ada.fill({ 'E-mail address': email });
  await ada.press('Sign up with passkey');
  await signedIn(ada.page, email);
  await authenticator.answersByItself(false);
  await ada.press('Sign out');
  await ada.page.getByRole('button', { name: 'Sign in with passkey' }).waitFor();
  await authenticator.answersByItself(true);
  await ada.press('Sign in with passkey');
  await signedIn(ada.page, email);
  // The same device holds one already.
  await ada.press('Add passkey');
  await ada.page.getByRole('alert').getByText('This device already holds a key').waitFor();
});

test('after a password the account page offers a passkey, which then signs in instead of it', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const email = 'offer@example.org';
  await ada.signUp(email);
  await addAuthenticator(ada.page);
  await ada.page.reload();
  await ada.follow('Create a passkey');
  await ada.press('Add passkey');
  await ada.page.getByRole('button', { name: /^Remove passkey/ }).waitFor();
  assert.equal(await ada.page.getByRole('link', { name: 'Create a passkey' }).count(), 0);
  await ada.press('Sign out');
  await signedIn(ada.page, email);
  await ada.page.getByRole('button', { name: /^Remove passkey/ }).click();
  await ada.page.getByRole('link', { name: 'Create a passkey' }).waitFor();
});

test('one adds a security key and has to show it after the password', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const email = 'key@example.org';
  await ada.signUp(email);
  await addAuthenticator(ada.page, 'usb');
  await ada.page.reload();
  await ada.fill({ 'Security key name': 'Blue key' });
  await ada.press('Add security key');
  await ada.page.getByRole('button', { name: /^Remove security key "Blue key"/ }).waitFor();
  await ada.press('Sign out');
  await ada.signIn(email);
  await ada.press('Use security key');
  await signedIn(ada.page, email);
});

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'script' : 'noscript';

  test(`one sets up an app by its picture, keeps backup codes, loses the phone and comes back by a code (${script})`, async (t) => {
    const ada = await visit(t, { browser, url: server.url, options: { javaScriptEnabled } });
    const email = `phone-${script}@example.org`;
    await ada.signUp(email);
    const picture = (await ada.page.locator('.picture img').getAttribute('src')) ?? '';
    const secret = (await ada.page.locator('#totp-totp_secret_key code').textContent()) ?? '';
    const address = new TOTP({ issuer: 'Example', label: email, secret }).toString();
    const { modules } = create(address, { errorCorrectionLevel: 'M' });
    const read = readQrModules(picture);
    assert.equal(read.length, modules.size);
    assert.deepEqual(
      read.flat().map(Number),
      [...modules.data].map(Number),
      'the picture holds another address',
    );
    await setUpApp(ada);
    await ada.page.getByText('Create backup codes so you can still sign in').waitFor();
    const codes = await createCodes(ada);
    await ada.press('I have saved these codes');
    await ada.page.getByRole('button', { name: 'Show backup codes' }).waitFor();
    assert.equal(await ada.page.locator('.codes').count(), 0);

    await ada.press('Sign out');
    await ada.signIn(email);
    await ada.fill({ 'Authenticator code': appCode(secret) });
    await ada.press('Use authenticator app');
    await signedIn(ada.page, email);
    server.clock.advance(30_000);

    await ada.press('Sign out');
    await ada.signIn(email);
    await ada.fill({ 'Backup code': 'wrong123' });
    await ada.press('Use backup code');
    await ada.page.getByText('Wrong backup code.').first().waitFor();
    await ada.fill({ 'Backup code': codes[0] ?? '' });
    await ada.press('Use backup code');
    await signedIn(ada.page, email);
    // The lost app goes, and another one can be set up.
    await ada.page.getByRole('button', { name: /^Remove authenticator app/ }).click();
    await ada.page.locator('.picture img').waitFor();
    await setUpApp(ada);
    await ada.press('Show backup codes');
    assert.equal(await ada.page.locator('.codes li').filter({ hasText: 'Used on' }).count(), 1);
  });
}

test('backup codes are copied and saved by a button', async (t) => {
  const ada = await visit(t, {
    browser,
    url: server.url,
    options: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  await ada.signUp('copy@example.org');
  const codes = await createCodes(ada);
  await ada.press('Copy');
  await ada.page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await ada.page.evaluate('navigator.clipboard.readText()'), codes.join('\n'));
  const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.press('Download')]);
  assert.equal(download.suggestedFilename(), 'backup-codes.txt');
  assert.equal(await readFile(await download.path(), 'utf8'), `${codes.join('\n')}\n`);
});

test('the browser is told which passkeys are good, and which one was removed', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const email = 'signal@example.org';
  // Whether a browser listens is its own affair: here it is written down what it is told.
  await ada.page.addInitScript(`
    const told = JSON.parse(sessionStorage.getItem('told') ?? '[]');
    for (const name of ['signalAllAcceptedCredentials', 'signalUnknownCredential', 'signalCurrentUserDetails'])
      PublicKeyCredential[name] = async (of) => {
        told.push([name, of]);
        sessionStorage.setItem('told', JSON.stringify(told));
      };`);
  await ada.signUp(email);
  await addAuthenticator(ada.page);
  await ada.page.reload();
  await ada.press('Add passkey');
  const remove = ada.page.getByRole('button', { name: /^Remove passkey/ });
  const id = Buffer.from((await remove.getAttribute('value')) ?? '', 'hex').toString('base64url');
  const told = async (name: string): Promise<readonly Record<string, unknown>[]> => {
    const all = await ada.page.evaluate<string>("sessionStorage.getItem('told') ?? '[]'");
    // The cast repeats what the script above writes.
    return (JSON.parse(all) as [string, Record<string, unknown>][]).flatMap(([of, what]) =>
      of === name ? [what] : [],
    );
  };
  assert.deepEqual(
    (await told('signalAllAcceptedCredentials')).map(
      ({ allAcceptedCredentialIds }) => allAcceptedCredentialIds,
    ),
    [[id]],
  );
  assert.equal((await told('signalCurrentUserDetails'))[0]?.['name'], email);
  await remove.click();
  await ada.page.getByRole('link', { name: 'Create a passkey' }).waitFor();
  await ada.page.waitForFunction(
    "(sessionStorage.getItem('told') ?? '').includes('signalUnknownCredential')",
  );
  assert.deepEqual(await told('signalUnknownCredential'), [{ rpId: 'localhost', credentialId: id }]);
});

test('nobody is kept out of the pages of keys and codes', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const email = 'barriers@example.org';
  await ada.signUp(email);
  assert.deepEqual(await findBarriers(ada.page), []);
  await setUpApp(ada);
  await createCodes(ada);
  assert.deepEqual(await findBarriers(ada.page), []);
  await ada.press('I have saved these codes');
  await ada.page.getByRole('button', { name: 'Show backup codes' }).waitFor();
  assert.deepEqual(await findBarriers(ada.page), []);
  await ada.press('Sign out');
  await ada.page.getByRole('button', { name: 'Sign in with passkey' }).waitFor();
  assert.deepEqual(await findBarriers(ada.page), []);
  await ada.signIn(email);
  await ada.page.getByRole('button', { name: 'Use backup code' }).waitFor();
  assert.deepEqual(await findBarriers(ada.page), []);
});

test('without a script, passkeys and keys say what they need, and nothing else is lost', async (t) => {
  const ada = await visit(t, { browser, url: server.url, options: { javaScriptEnabled: false } });
  await ada.page.goto(`${server.url}self-service/login/browser`);
  await ada.page.getByText('Passkeys and security keys need JavaScript').waitFor();
  assert.equal(await ada.page.getByRole('button', { name: 'Sign in with passkey' }).count(), 0);
  await ada.signUp('noscript@example.org');
  assert.equal(await ada.page.getByText('Passkeys and security keys need JavaScript').count(), 2);
});
