// A person and their account in a real browser, with script and without: everything must work in both.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { startPageServer } from '../support/page-server.ts';
import { HOUR_MS, OTHER_PASSWORD, PASSWORD } from '../support/server.ts';
import { textOf, type Visitor, visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const server = await startPageServer({ after });

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'script' : 'noscript';
  const options = { javaScriptEnabled };
  const email = (name: string): string => `${name}-${script}@example.org`;

  describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test('somebody new creates an account, sees it, signs out, and signs in again', async (t) => {
      const ada = await visit(t, { browser, url: server.url, options });
      assert.equal(await ada.heading(), 'Welcome to Bia');
      await ada.follow('Create account');
      assert.equal(await ada.heading(), 'Create your account');
      await ada.fill({
        'E-mail address': email('ada'),
        'Name (optional)': 'Ada Lovelace',
        Password: PASSWORD,
      });
      await ada.press('Create account');
      await ada.page.getByText(`Signed in as ${email('ada')}`).waitFor();
      assert.equal(await ada.page.getByLabel('Name').inputValue(), 'Ada Lovelace');
      assert.equal(await ada.page.title(), 'Your account – Bia');

      await ada.press('Sign out');
      assert.equal(await ada.heading(), 'Sign in');
      await ada.page.goto(server.url);
      assert.equal(await ada.heading(), 'Welcome to Bia');

      await ada.follow('Sign in');
      await ada.fill({ 'E-mail address': email('ada'), Password: PASSWORD });
      await ada.page.keyboard.press('Enter');
      await ada.page.getByText(`Signed in as ${email('ada')}`).waitFor();
    });

    test('a wrong password is told at once, and what was typed stays, except the secret', async (t) => {
      const bob = await visit(t, { browser, url: server.url, options });
      await bob.signUp(email('bob'));
      await bob.press('Sign out');
      await bob.signIn(email('bob'), 'not my password');
      const alert = bob.page.getByRole('alert');
      assert.match(await textOf(alert), /^Wrong e-mail or password\.$/);
      assert.equal(await bob.page.title(), 'Error: Sign in – Bia');
      await alert.and(bob.page.locator(':focus')).waitFor();
      assert.equal(await bob.page.getByLabel('E-mail address').inputValue(), email('bob'));
      assert.equal(await bob.page.getByLabel('Password', { exact: true }).inputValue(), '');
      await bob.fill({ Password: PASSWORD });
      await bob.press('Sign in');
      await bob.page.getByText(`Signed in as ${email('bob')}`).waitFor();
    });

    test('errors are told once, below their fields, and the first of them has the focus', async (t) => {
      const eve = await visit(t, { browser, url: server.url, options });
      await eve.follow('Create account');
      await eve.fill({ 'E-mail address': 'eve', 'Age (optional)': '-1', Password: PASSWORD });
      await eve.press('Create account');
      assert.equal(await eve.page.title(), '2 errors: Create your account – Bia');
      assert.equal(await eve.page.getByRole('alert').count(), 0);
      await eve.page.getByLabel('E-mail address').and(eve.page.locator(':focus')).waitFor();
      const age = eve.page.getByLabel('Age (optional)');
      assert.match(await textOf(eve.page.locator('.field', { has: age }).locator('.error')), /0 or more/);
      assert.equal(await age.inputValue(), '-1');
      assert.equal(await age.getAttribute('aria-invalid'), 'true');
    });

    test('the profile is changed, yes and no included', async (t) => {
      const cleo = await visit(t, { browser, url: server.url, options });
      await cleo.signUp(email('cleo'));
      await cleo.fill({ 'Name (optional)': 'Cleo', 'Age (optional)': '37' });
      await cleo.page.getByLabel('Newsletter').check();
      await cleo.press('Save profile');
      await cleo.page.getByText('Your changes have been saved.').waitFor();
      await cleo.page.goto(server.url);
      assert.equal(await cleo.page.getByLabel('Name').inputValue(), 'Cleo');
      assert.equal(await cleo.page.getByLabel('Age').inputValue(), '37');
      assert.equal(await cleo.page.getByLabel('Newsletter').isChecked(), true);
      await cleo.page.getByLabel('Newsletter').uncheck();
      await cleo.press('Save profile');
      await cleo.page.getByText('Your changes have been saved.').waitFor();
      await cleo.page.goto(server.url);
      assert.equal(await cleo.page.getByLabel('Newsletter').isChecked(), false);
    });

    test('the password is changed, after a look at who it is when the sign-in is old', async (t) => {
      const dora = await visit(t, { browser, url: server.url, options });
      await dora.signUp(email('dora'));
      server.clock.advance(2 * HOUR_MS);
      await dora.page.goto(server.url);
      await dora.fill({ 'New password': OTHER_PASSWORD });
      await dora.press('Save password');
      assert.equal(await dora.heading(), 'Confirm that it’s you');
      await dora.page.getByText(email('dora')).waitFor();
      await dora.fill({ Password: PASSWORD });
      await dora.press('Confirm');
      await dora.page.getByText('Your changes have been saved.').waitFor();
      await dora.press('Sign out');
      await dora.signIn(email('dora'), OTHER_PASSWORD);
      await dora.page.getByText(`Signed in as ${email('dora')}`).waitFor();
    });

    test('a device is signed out from another one, and then all of them', async (t) => {
      const userAgent = (of: string): string => `Mozilla/5.0 (${of}; rv:128.0) Gecko/20100101 Firefox/128.0`;
      const home = await visit(t, {
        browser,
        url: server.url,
        options: { ...options, userAgent: userAgent('X11; Linux x86_64') },
      });
      await home.signUp(email('fay'));
      const others: Visitor[] = [];
      for (const system of ['Windows NT 10.0', 'Macintosh', 'Windows NT 6.1']) {
        const other = await visit(t, {
          browser,
          url: server.url,
          options: { ...options, userAgent: userAgent(system) },
        });
        await other.signIn(email('fay'));
        await other.page.getByText(`Signed in as ${email('fay')}`).waitFor();
        others.push(other);
      }
      const isSignedIn = async (): Promise<readonly boolean[]> => {
        const titles = [];
        for (const other of others) {
          await other.page.goto(server.url);
          titles.push((await other.heading()) === 'Your account');
        }
        return titles;
      };
      await home.page.goto(server.url);
      const devices = home.page.getByRole('region', { name: 'Devices' });
      assert.deepEqual(
        (await devices.getByRole('listitem').allTextContents()).map((text) => text.split('\n')[0]).toSorted(),
        ['Firefox on Linux', 'Firefox on Windows', 'Firefox on Windows', 'Firefox on macOS'],
      );
      assert.match(await textOf(devices.getByRole('listitem').first()), /^Firefox on Linux\s+This device/);

      await home.press('Sign out Firefox on macOS');
      await home.page.getByText('The device has been signed out.').waitFor();
      assert.deepEqual(await isSignedIn(), [true, false, true]);

      await home.press('Sign out everywhere else');
      await home.page.getByText('All other devices have been signed out.').waitFor();
      assert.equal(await devices.getByRole('listitem').count(), 1);
      assert.deepEqual(await isSignedIn(), [false, false, false]);
    });
  });
}

test('a password can be looked at before it is sent', async (t) => {
  const gil = await visit(t, { browser, url: server.url });
  await gil.follow('Sign in');
  const field = gil.page.getByLabel('Password', { exact: true });
  await field.fill('open sesame');
  await gil.press('Show password');
  assert.equal(await field.getAttribute('type'), 'text');
  await gil.press('Hide password');
  assert.equal(await field.getAttribute('type'), 'password');
});

test('everything is reached by keyboard, in the order in which it is read', async (t) => {
  const hal = await visit(t, { browser, url: server.url });
  await hal.follow('Sign in');
  const focused = 'document.activeElement.textContent.trim() || document.activeElement.name';
  const seen = [await hal.page.evaluate(focused)];
  for (let at = 0; at < 4; at += 1) {
    await hal.page.keyboard.press('Tab');
    seen.push(await hal.page.evaluate(focused));
  }
  assert.deepEqual(seen, ['identifier', 'password', 'Show password', 'Sign in', 'Create an account']);
});

test('markup that somebody gives as their name stays text, in a browser too', async (t) => {
  const name = '<img src=x onerror=alert(1)>';
  const mallory = await visit(t, { browser, url: server.url });
  await mallory.signUp('mallory@example.org');
  await mallory.fill({ 'Name (optional)': name });
  await mallory.press('Save profile');
  await mallory.page.getByText('Your changes have been saved.').waitFor();
  assert.equal(await mallory.page.getByLabel('Name').inputValue(), name);
  assert.equal(await mallory.page.locator('img').count(), 0);
});
