// Recovery that lets the person choose among their addresses: masked, confirmed in full, and with a way back at each step.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { openChromium } from '../support/chromium.ts';
import { expectGoodLook } from '../support/good-look.ts';
import { lettersTo } from '../support/mailbox.ts';
import { startPageServer } from '../support/page-server.ts';
import { OTHER_PASSWORD, PASSWORD } from '../support/server.ts';
import { textOf, type Visitor, visit } from '../support/visitor.ts';

const recovers = (more: JsonObject = {}): JsonObject => ({
  'ory.sh/kratos': { recovery: { via: 'email' }, ...more },
});
const schema: JsonObject = {
  $id: 'https://schemas.example.org/two-addresses.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          title: 'E-mail address',
          ...recovers({ credentials: { password: { identifier: true } } }),
        },
        work: { type: 'string', format: 'email', title: 'Address at work', ...recovers() },
      },
      required: ['email'],
    },
  },
};

const browser = await openChromium({ after });
const server = await startPageServer(
  { after },
  { schema, flows: { recovery: { enabled: true } }, featureFlags: { choose_recovery_address: true } },
);

async function signUp(visitor: Visitor, email: string, work: string): Promise<void> {
  await visitor.page.goto(`${server.url}ui/registration`);
  await visitor.fill({ 'E-mail address': email, 'Address at work': work, Password: PASSWORD });
  await visitor.press('Create account');
  await visitor.page.getByText(`Signed in as ${email}`).waitFor();
  await visitor.press('Sign out');
}

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'script' : 'noscript';
  describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test('one chooses the other address, goes back and forth, and recovers by it', async (t) => {
      const width = 360;
      const ada = await visit(t, {
        browser,
        url: server.url,
        options: { javaScriptEnabled, viewport: { width, height: 720 } },
      });
      const [email, work] = [`ada-${script}@example.org`, `lovelace-${script}@work.example`];
      await signUp(ada, email, work);
      const looksGood = async () => javaScriptEnabled && expectGoodLook(ada.page, width);

      await ada.follow('Forgot password?');
      await looksGood();
      await ada.fill({ 'Recovery address': email });
      await ada.press('Continue');
      assert.equal(await ada.heading(), 'Choose an address');
      await looksGood();
      const words = await textOf(ada.page.getByRole('main'));
      assert.match(words, /lo\*\*\*\*@work\.example/);
      assert.doesNotMatch(await ada.page.content(), new RegExp(work.split('@')[0] ?? ''));

      await ada.press('lo****@work.example');
      assert.equal(await ada.heading(), 'Confirm your address');
      await looksGood();
      await ada.press('Back');
      assert.equal(await ada.heading(), 'Choose an address');
      await ada.press('lo****@work.example');
      await ada.page.getByLabel('E-mail address').fill(work);
      server.clock.advance(1_000);
      await ada.press('Send code');
      assert.equal(await ada.heading(), 'Enter your code');
      await ada.page.getByText(work).waitFor();
      await looksGood();
      assert.deepEqual(await lettersTo(server.url, email), []);
      const [letter] = await lettersTo(server.url, work);
      await ada.fill({ 'Recovery code': letter?.codes[0] ?? 'no code' });
      await ada.press('Continue');
      assert.equal(await ada.heading(), 'Choose a new password');
      await ada.fill({ 'New password': OTHER_PASSWORD });
      await ada.press('Save password');
      await ada.page.getByText('Your changes have been saved.').waitFor();
    });

    test('a mistyped address is changed before anything is sent', async (t) => {
      const bob = await visit(t, { browser, url: server.url, options: { javaScriptEnabled } });
      const [email, work] = [`bob-${script}@example.org`, `baker-${script}@work.example`];
      await signUp(bob, email, work);
      await bob.follow('Forgot password?');
      await bob.fill({ 'Recovery address': email });
      await bob.press('Continue');
      await bob.page.getByText(email).waitFor();
      await bob.follow('Change');
      assert.equal(await bob.heading(), 'Recover your account');
      assert.deepEqual(await lettersTo(server.url, email), []);
    });
  });
}
