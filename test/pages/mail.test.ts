// The whole way with a real mail server between: what arrives there is all that the person has.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { eventually } from '../support/courier.ts';
import { type KeptMail, startMailServer } from '../support/mail-server.ts';
import { startPageServer } from '../support/page-server.ts';
import { OTHER_PASSWORD, PASSWORD } from '../support/server.ts';
import { visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const mailServer = await startMailServer({ after });
const server = await startPageServer(
  { after },
  {
    watchesCourier: true,
    courier: {
      smtp: { connection_uri: `smtp://127.0.0.1:${mailServer.port}/?disable_starttls=true` },
      worker: { pull_wait: '10ms' },
    },
    flows: {
      recovery: { enabled: true },
      verification: { enabled: true },
      registration: {
        after: { password: { hooks: [{ hook: 'session' }, { hook: 'show_verification_ui' }] } },
      },
    },
  },
);

/** The newest mail to somebody, of which there are so many by now. */
const mailTo = (address: string, count: number): Promise<KeptMail> =>
  eventually(`mail ${count} to ${address}`, () => {
    const mails = mailServer.mails.filter(({ to }) => to.includes(address));
    return mails.length === count ? mails.at(-1) : undefined;
  });

test('somebody registers, verifies by the link of the mail, and recovers by the code of another one', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  const email = 'ada@example.org';
  await ada.follow('Create account');
  await ada.fill({ 'E-mail address': email, Password: PASSWORD });
  await ada.press('Create account');
  assert.equal(await ada.heading(), 'Enter your code');
  // Where mail is sent there is no mailbox to offer.
  assert.equal(await ada.page.getByRole('link', { name: 'open the mailbox' }).count(), 0);

  const first = await mailTo(email, 1);
  const { text } = await first.parsed();
  const link = /https?:\/\/\S+\/self-service\/verification\S+/.exec(text ?? '')?.[0];
  assert.ok(link, text);
  await ada.page.goto(link);
  await ada.press('Verify');
  assert.equal(await ada.heading(), 'All done');
  await ada.follow('Continue');
  await ada.page.getByText(`Signed in as ${email}`).waitFor();
  await ada.press('Sign out');

  await ada.follow('Forgot password?');
  await ada.fill({ 'E-mail address': email });
  await ada.press('Send code');
  const code = /\b\d{6}\b/.exec((await (await mailTo(email, 2)).parsed()).text ?? '')?.[0];
  await ada.fill({ 'Recovery code': code ?? 'no code' });
  await ada.press('Continue');
  assert.equal(await ada.heading(), 'Choose a new password');
  await ada.fill({ 'New password': OTHER_PASSWORD });
  await ada.press('Save password');
  await ada.page.getByText('Your changes have been saved.').waitFor();
});
