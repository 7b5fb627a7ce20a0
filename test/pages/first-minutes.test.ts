// The first minutes with Bia, as the README tells them: the program itself, no configuration file, and what it prints.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createWorkplace, freePort } from '../cli/program.ts';
import { openChromium } from '../support/chromium.ts';
import { OTHER_PASSWORD, PASSWORD } from '../support/server.ts';
import { textOf, visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const workplace = createWorkplace();
after(() => workplace.remove());

test('somebody new to it starts it, registers, verifies, signs out and recovers, with nothing but what it prints', async (t) => {
  const ports = { SERVE_PUBLIC_PORT: String(await freePort()), SERVE_ADMIN_PORT: String(await freePort()) };
  const program = await workplace.serve([], { env: ports });
  t.after(async () => void (await program.stop()));
  const registration = /(\S+\/ui\/registration)/.exec(program.out)?.[1];
  const mailbox = /Mailbox\s+(\S+\/dev\/inbox)/.exec(program.out)?.[1];
  assert.ok(registration && mailbox, program.out);

  const email = 'ada@example.org';
  const ada = await visit(t, { browser, url: registration });
  await ada.fill({ 'E-mail address': email, Password: PASSWORD });
  await ada.press('Create account');
  const inbox = await ada.page.context().newPage();
  await inbox.goto(mailbox);
  const newest = inbox.locator('.letters code').first();
  await ada.fill({ 'Verification code': await textOf(newest) });
  await ada.press('Verify');
  assert.equal(await ada.heading(), 'All done');
  await ada.follow('Continue');
  await ada.page.getByText(`Signed in as ${email}`).waitFor();
  await ada.press('Sign out');

  await ada.follow('Forgot password?');
  await ada.fill({ 'E-mail address': email });
  await ada.press('Send code');
  // It comes by itself.
  await inbox.locator('.letters > li').nth(1).waitFor();
  await ada.fill({ 'Recovery code': await textOf(newest) });
  await ada.press('Continue');
  await ada.page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
  await ada.fill({ 'New password': OTHER_PASSWORD });
  await ada.press('Save password');
  await ada.page.getByText('Your changes have been saved.').waitFor();
});
