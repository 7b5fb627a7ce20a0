// Verifying an address and recovering an account by code, on the built-in pages, with script and without.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { defaultConfig } from '../../src/config/default.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { openChromium } from '../support/chromium.ts';
import { lettersTo } from '../support/mailbox.ts';
import { startPageServer } from '../support/page-server.ts';
import { OTHER_PASSWORD, PASSWORD, type TestScope } from '../support/server.ts';
import { textOf, type Visitor, visit } from '../support/visitor.ts';

const browser: Browser = await openChromium({ after });
const server = await startPageServer({ after }, { flows: defaultFlows() });

/** Of an installation without a file: these stories are its first minutes. */
function defaultFlows(): Readonly<Record<string, JsonObject>> {
  const { selfservice } = defaultConfig('data');
  assert.ok(isJsonObject(selfservice) && isJsonObject(selfservice['flows']));
  const { logout: _elsewhere, ...flows } = selfservice['flows'];
  return flows as Readonly<Record<string, JsonObject>>; // each is a section of the configuration
}

const alert = (visitor: Visitor) => visitor.page.getByRole('alert');

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'script' : 'noscript';
  const arrive = (t: TestScope) => visit(t, { browser, url: server.url, options: { javaScriptEnabled } });

  /** Opens the mailbox as the page offers it, reads the newest code, and comes back. */
  async function readCode(visitor: Visitor, email: string): Promise<string> {
    const { page } = visitor;
    const before = page.url();
    server.clock.advance(1_000);
    await visitor.follow('open the mailbox');
    await page.getByLabel('Only messages to').fill(email);
    await visitor.press('Show');
    const code = await textOf(page.locator('.letters code').first());
    assert.match(code, /^\d{6}$/);
    await page.goto(before);
    return code;
  }

  async function register(visitor: Visitor, email: string): Promise<void> {
    await visitor.follow('Create account');
    await visitor.fill({ 'E-mail address': email, Password: PASSWORD });
    await visitor.press('Create account');
    assert.equal(await visitor.heading(), 'Enter your code');
  }

  describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test('somebody new verifies their address, signs out, forgets the password, and gets back in by a code', async (t) => {
      const ada = await arrive(t);
      const email = `ada-${script}@example.org`;
      await register(ada, email);
      await ada.page.getByText(email).waitFor();
      await ada.fill({ 'Verification code': await readCode(ada, email) });
      await ada.press('Verify');
      assert.equal(await ada.heading(), 'All done');
      assert.match(await textOf(ada.page.getByRole('status')), /e-mail address has been verified/);
      await ada.follow('Continue');
      await ada.page.getByText(`Signed in as ${email}`).waitFor();
      assert.match(await textOf(ada.page.getByRole('region', { name: 'E-mail and phone' })), /Verified/);
      await ada.press('Sign out');

      await ada.follow('Forgot password?');
      assert.equal(await ada.heading(), 'Recover your account');
      await ada.fill({ 'E-mail address': email });
      await ada.press('Send code');
      assert.equal(await ada.heading(), 'Enter your code');
      // Pasted as some programs show it.
      const code = await readCode(ada, email);
      await ada.page.getByLabel('Recovery code').fill(`${code.slice(0, 3)} ${code.slice(3)} `);
      await ada.page.keyboard.press('Enter');
      await ada.page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
      await ada.fill({ 'New password': 'short' });
      await ada.press('Save password');
      await ada.page.locator('.error').waitFor();
      assert.equal(await ada.heading(), 'Choose a new password');
      await ada.fill({ 'New password': OTHER_PASSWORD });
      await ada.press('Save password');
      await ada.page.getByText('Your changes have been saved.').waitFor();
      assert.equal(await ada.heading(), 'Your account');
      await ada.press('Sign out');
      await ada.signIn(email, OTHER_PASSWORD);
      await ada.page.getByText(`Signed in as ${email}`).waitFor();
    });

    test('a wrong code is told, another one can be sent, and only the newest counts', async (t) => {
      const bob = await arrive(t);
      const email = `bob-${script}@example.org`;
      await register(bob, email);
      const first = await readCode(bob, email);
      await bob.fill({ 'Verification code': first === '000000' ? '111111' : '000000' });
      await bob.press('Verify');
      assert.match(await textOf(alert(bob)), /code is incorrect or has expired/);
      await alert(bob).and(bob.page.locator(':focus')).waitFor();
      if (javaScriptEnabled) {
        // With script one waits a little before the next message.
        assert.equal(await bob.page.getByRole('button', { name: /^Resend \(\d+ s\)$/ }).isDisabled(), true);
        await bob.page.evaluate(
          `sessionStorage.setItem('resend:' + document.querySelector('form').action, String(Date.now() - 60000))`,
        );
        await bob.page.reload();
      }
      await bob.press('Resend');
      const second = await readCode(bob, email);
      await bob.fill({ 'Verification code': first });
      await bob.press('Verify');
      if (first !== second) assert.match(await textOf(alert(bob)), /code is incorrect or has expired/);
      await bob.fill({ 'Verification code': second });
      await bob.press('Verify');
      assert.equal(await bob.heading(), 'All done');
    });

    test('the link of the mail fills the code in, for its person to confirm', async (t) => {
      const cleo = await arrive(t);
      const email = `cleo-${script}@example.org`;
      await register(cleo, email);
      await cleo.follow('open the mailbox');
      await cleo.page.goto(`${cleo.page.url()}?recipient=${email}`);
      const [opened] = await Promise.all([
        cleo.page.waitForEvent('popup'),
        cleo.page.getByRole('link', { name: 'Open link' }).first().click(),
      ]);
      assert.match(await opened.getByLabel('Verification code').inputValue(), /^\d{6}$/);
      await opened.getByRole('button', { name: 'Verify' }).click();
      await opened.getByRole('heading', { name: 'All done' }).waitFor();
    });

    test('who leaves before verifying finds the address on the account page, and needs to type nothing', async (t) => {
      const dora = await arrive(t);
      const email = `dora-${script}@example.org`;
      await register(dora, email);
      await dora.follow('Go to your account');
      const addresses = dora.page.getByRole('region', { name: 'E-mail and phone' });
      assert.match(await textOf(addresses), /Not verified yet\. We’ve sent you a message\./);
      await dora.follow(`Verify ${email}`);
      assert.equal(await dora.page.getByLabel('E-mail address').inputValue(), email);
      server.clock.advance(1_000);
      await dora.press('Send code');
      await dora.fill({ 'Verification code': await readCode(dora, email) });
      await dora.press('Verify');
      assert.equal(await dora.heading(), 'All done');
    });

    test('a mistyped address leads back to another one', async (t) => {
      const eve = await arrive(t);
      await eve.page.goto(`${server.url}ui/recovery`);
      await eve.fill({ 'E-mail address': 'eev@example.org' });
      await eve.press('Send code');
      // Known and unknown addresses look the same.
      assert.equal(await eve.heading(), 'Enter your code');
      await eve.page.getByText('eev@example.org').waitFor();
      await eve.follow('Change');
      assert.equal(await eve.heading(), 'Recover your account');
      assert.equal(await eve.page.getByLabel('E-mail address').inputValue(), '');
    });
  });
}

test('the code field opens the keyboard for digits, and phones offer the code themselves', async (t) => {
  const fay = await visit(t, { browser, url: `${server.url}ui/recovery` });
  await fay.fill({ 'E-mail address': 'fay@example.org' });
  await fay.press('Send code');
  const field = fay.page.getByLabel('Recovery code');
  await field.and(fay.page.locator(':focus')).waitFor();
  assert.equal(await field.getAttribute('inputmode'), 'numeric');
  assert.equal(await field.getAttribute('autocomplete'), 'one-time-code');
});

test('recovery ends all other sessions of an installation without a file', async (t) => {
  const email = 'gil@example.org';
  const thief = await visit(t, { browser, url: server.url });
  await thief.follow('Create account');
  await thief.fill({ 'E-mail address': email, Password: PASSWORD });
  await thief.press('Create account');
  await thief.follow('Go to your account');
  await thief.page.getByText(`Signed in as ${email}`).waitFor();

  const gil = await visit(t, { browser, url: `${server.url}ui/recovery` });
  await gil.fill({ 'E-mail address': email });
  server.clock.advance(1_000);
  await gil.press('Send code');
  await gil.heading();
  await gil.fill({ 'Recovery code': (await lettersTo(server.url, email))[0]?.codes[0] ?? 'no code' });
  await gil.press('Continue');
  assert.equal(await gil.heading(), 'Choose a new password');
  await gil.follow('Skip this and go to your account');
  await gil.page.getByText(`Signed in as ${email}`).waitFor();
  await thief.page.reload();
  assert.equal(await thief.heading(), 'Sign in');
});
