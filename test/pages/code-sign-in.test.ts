// Signing up and in by a code alone, and a code as second step, on the built-in pages.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { openChromium } from '../support/chromium.ts';
import { expectGoodLook } from '../support/good-look.ts';
import { lettersTo } from '../support/mailbox.ts';
import { type PageServer, startPageServer } from '../support/page-server.ts';
import { PASSWORD } from '../support/server.ts';
import { type Visitor, visit } from '../support/visitor.ts';

const browser = await openChromium({ after });

const address = (title: string, credentials: JsonObject): JsonObject => ({
  type: 'string',
  format: 'email',
  title,
  'ory.sh/kratos': { credentials, verification: { via: 'email' } },
});
const schemaOf = (properties: JsonObject): JsonObject => ({
  $id: 'https://schemas.example.org/codes.json',
  type: 'object',
  properties: { traits: { type: 'object', properties, required: ['email'] } },
});
const code = { identifier: true, via: 'email' };
const session = { hooks: [{ hook: 'session' }] };

const passwordless = await startPageServer(
  { after },
  {
    schema: schemaOf({ email: address('E-mail address', { code }), name: { type: 'string', title: 'Name' } }),
    methods: { code: { passwordless_enabled: true }, password: { enabled: false } },
    flows: { registration: { after: { code: session } } },
  },
);
const secondStep = await startPageServer(
  { after },
  {
    schema: schemaOf({
      email: address('E-mail address', { password: { identifier: true }, code }),
      work: address('Address at work', { code }),
    }),
    methods: { code: { mfa_enabled: true } },
  },
);

/** The newest code for somebody; the clock goes on, so that the next message is a newer one. */
async function codeTo(server: PageServer, recipient: string): Promise<string> {
  const [letter] = await lettersTo(server.url, recipient);
  server.clock.advance(1_000);
  return letter?.codes[0] ?? 'no code';
}

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'script' : 'noscript';
  const width = 360;
  const options = { javaScriptEnabled, viewport: { width, height: 720 } };
  const looksGood = async ({ page }: Visitor) => javaScriptEnabled && expectGoodLook(page, width);

  describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test('somebody signs up by a code, mends a mistyped address, and signs in by another code', async (t) => {
      const ada = await visit(t, { browser, url: passwordless.url, options });
      const email = `ada-${script}@example.org`;
      await ada.follow('Create account');
      await looksGood(ada);
      await ada.fill({ 'E-mail address': `mistyped-${email}`, Name: 'Ada' });
      await ada.press('Send sign-up code');
      assert.equal(await ada.heading(), 'Enter your code');
      await looksGood(ada);
      await ada.page.getByText(`mistyped-${email}`).waitFor();
      await ada.follow('Change');
      await ada.fill({ 'E-mail address': email, Name: 'Ada' });
      await ada.press('Send sign-up code');
      await ada.fill({ 'Sign-up code': await codeTo(passwordless, email) });
      await ada.press('Create account');
      await ada.page.getByText(`Signed in as ${email}`).waitFor();
      await ada.press('Sign out');

      await ada.fill({ 'E-mail address': email });
      await looksGood(ada);
      await ada.press('Send sign-in code');
      assert.equal(await ada.heading(), 'Enter your code');
      await looksGood(ada);
      await ada.page.getByText(email).waitFor();
      await ada.fill({ 'Sign-in code': 'wrong' });
      await ada.press('Sign in');
      await ada.page.getByRole('alert').waitFor();
      await ada.page.getByLabel('Sign-in code').fill(await codeTo(passwordless, email));
      await ada.page.keyboard.press('Enter');
      await ada.page.getByText(`Signed in as ${email}`).waitFor();
    });

    test('a second step is taken by a code to the address that was chosen, also when it is sent again', async (t) => {
      const bob = await visit(t, { browser, url: secondStep.url, options });
      const [email, work] = [`bob-${script}@example.org`, `baker-${script}@work.example`];
      await bob.follow('Create account');
      await bob.fill({ 'E-mail address': email, 'Address at work': work, Password: PASSWORD });
      await bob.press('Create account');
      await bob.page.goto(`${secondStep.url}self-service/login/browser?aal=aal2`);
      assert.equal(await bob.heading(), 'Two-step verification');
      await looksGood(bob);
      await bob.press(`Send a code to ${work}`);
      assert.equal(await bob.heading(), 'Enter your code');
      await looksGood(bob);
      await bob.follow('Try another way');
      await bob.press(`Send a code to ${work}`);
      await bob.page.getByLabel('Sign-in code').waitFor();
      const first = await codeTo(secondStep, work);
      if (javaScriptEnabled) {
        await bob.page.evaluate(
          `sessionStorage.setItem('resend:' + document.querySelector('form').action, String(Date.now() - 60000))`,
        );
        await bob.page.reload();
      }
      await bob.press('Resend');
      await bob.page.getByLabel('Sign-in code').waitFor();
      assert.equal((await lettersTo(secondStep.url, work)).length, 3);
      assert.equal((await lettersTo(secondStep.url, email)).length, 0);
      const second = await codeTo(secondStep, work);
      await bob.fill({ 'Sign-in code': second });
      await bob.press('Continue');
      await bob.page.getByText(`Signed in as ${email}`).waitFor();
      assert.match(first, /^\d{6}$/);
    });
  });
}
