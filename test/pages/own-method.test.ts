// Pages know no method by name: one that somebody adds, and nodes that its messages bring, are rendered like all others.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { expectGoodLook } from '../support/good-look.ts';
import { lettersTo } from '../support/mailbox.ts';
import { startPageServer } from '../support/page-server.ts';
import { pin } from '../support/pin/index.ts';
import { PERSON_SCHEMA } from '../support/server.ts';
import { visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const server = await startPageServer(
  { after },
  {
    additions: { methods: [pin] },
    schema: JSON.parse(
      JSON.stringify(PERSON_SCHEMA).replace('"password":{"identifier":true}', '"pin":{"identifier":true}'),
    ),
    methods: { pin: { enabled: true }, password: { enabled: false } },
    flows: {
      recovery: { enabled: true },
      registration: { after: { pin: { hooks: [{ hook: 'session' }] } } },
    },
  },
);

test('somebody signs up with an added method, changes it, signs in by it, and recovers without it', async (t) => {
  const width = 360;
  const ada = await visit(t, {
    browser,
    url: server.url,
    options: { viewport: { width, height: 720 } },
  });
  await ada.follow('Create account');
  await ada.fill({ 'E-mail address': 'ada@example.org', Number: '123456' });
  await expectGoodLook(ada.page, width);
  await ada.press('Create account');
  await ada.page.getByText('Signed in as ada@example.org').waitFor();
  const section = ada.page.getByRole('region', { name: 'Your number' });
  const number = (await section.getByText(/^\d{6}$/).textContent()) ?? '';
  await section.getByLabel('Number', { exact: true }).fill(number);
  await section.getByRole('button', { name: 'Save' }).click();
  await ada.page.getByText('Your changes have been saved.').waitFor();
  await ada.press('Sign out');

  await ada.fill({ 'E-mail address': 'ada@example.org', Number: number });
  await expectGoodLook(ada.page, width);
  await ada.press('Sign in with a number');
  await ada.page.getByText('Signed in as ada@example.org').waitFor();
  await ada.press('Sign out');

  await ada.follow('Can’t sign in?');
  await ada.fill({ 'E-mail address': 'ada@example.org' });
  await ada.press('Send code');
  await ada.page.getByLabel('Recovery code').waitFor();
  const [letter] = await lettersTo(server.url, 'ada@example.org');
  await ada.fill({ 'Recovery code': letter?.codes[0] ?? 'no code' });
  await ada.press('Continue');
  // There is no password to choose: all ways of signing in are shown.
  await ada.page.getByText('Signed in as ada@example.org').waitFor();
  await ada.page.getByRole('status').getByText('Welcome back.').waitFor();
  assert.equal(await ada.heading(), 'Your account');
});
