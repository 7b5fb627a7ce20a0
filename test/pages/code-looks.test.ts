// Can everybody use the pages of codes and links, and the mailbox, on every screen?
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { expectGoodLook, SCREENS } from '../support/good-look.ts';
import { lettersTo } from '../support/mailbox.ts';
import { startPageServer } from '../support/page-server.ts';
import { PASSWORD } from '../support/server.ts';
import { type Visitor, visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const hooks = [{ hook: 'session' }, { hook: 'show_verification_ui' }];
const server = await startPageServer(
  { after },
  {
    flows: {
      recovery: { enabled: true },
      verification: { enabled: true },
      registration: { after: { password: { hooks } } },
    },
  },
);
const byLink = await startPageServer(
  { after },
  {
    flows: { recovery: { enabled: true, use: 'link' }, verification: { enabled: true, use: 'link' } },
    methods: { link: { enabled: true } },
  },
);

type Open = (visitor: Visitor, email: string) => Promise<unknown>;

const openRecovery: Open = ({ page }) => page.goto(`${server.url}ui/recovery`);
const askForCode: Open = async (visitor, email) => {
  await openRecovery(visitor, email);
  await visitor.fill({ 'E-mail address': email });
  await visitor.press('Send code');
  await visitor.page.getByLabel('Recovery code').waitFor();
};
const register: Open = async ({ page, fill, press }, email) => {
  await page.goto(`${server.url}ui/registration`);
  await fill({ 'E-mail address': email, Password: PASSWORD });
  await press('Create account');
  await page.getByLabel('Verification code').waitFor();
};
const codeOf = async (email: string): Promise<string> =>
  (await lettersTo(server.url, email))[0]?.codes[0] ?? 'no code';

const PAGES: Readonly<Record<string, Open>> = {
  'recover the account': openRecovery,
  'enter the code': askForCode,
  'enter the code, wrong': async (visitor, email) => {
    await askForCode(visitor, email);
    await visitor.fill({ 'Recovery code': 'nonsense' });
    await visitor.press('Continue');
    await visitor.page.getByRole('alert').waitFor();
  },
  'choose a new password, refused': async (visitor, email) => {
    await register(visitor, email);
    await visitor.page.context().clearCookies();
    server.clock.advance(1_000);
    await askForCode(visitor, email);
    await visitor.fill({ 'Recovery code': await codeOf(email) });
    await visitor.press('Continue');
    await visitor.page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    await visitor.press('Save password');
    await visitor.page.locator('.error').waitFor();
  },
  'verify, code sent': register,
  'verify, own address': async (visitor, email) => {
    await register(visitor, email);
    await visitor.page.goto(`${server.url}ui/verification`);
  },
  'verify, done': async (visitor, email) => {
    await register(visitor, email);
    await visitor.fill({ 'Verification code': await codeOf(email) });
    await visitor.press('Verify');
    await visitor.page.getByRole('heading', { name: 'All done' }).waitFor();
  },
  'account with an unverified address': async (visitor, email) => {
    await register(visitor, email);
    await visitor.page.goto(`${server.url}ui/settings`);
  },
  'link sent': async (visitor, email) => {
    await visitor.page.goto(`${byLink.url}ui/recovery`);
    await visitor.fill({ 'E-mail address': email });
    await visitor.press('Send link');
    await visitor.page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
  },
  'mailbox, empty': ({ page }) => page.goto(`${server.url}dev/inbox?recipient=nobody@example.org`),
  mailbox: async (visitor, email) => {
    await register(visitor, email);
    await visitor.page.goto(`${server.url}dev/inbox?recipient=${email}`);
    await visitor.page.getByText('The whole message').first().click();
  },
};

for (const [name, open] of Object.entries(PAGES)) {
  for (const { width, colorScheme } of SCREENS) {
    test(`${name}: nothing stands in the way at ${width} pixels, ${colorScheme}`, async (t) => {
      const options = { viewport: { width, height: 720 }, colorScheme };
      const visitor = await visit(t, { browser, url: server.url, options });
      await open(visitor, `${name.replaceAll(/\W/g, '')}-${width}-${colorScheme}@example.org`);
      await expectGoodLook(visitor.page, width);
    });
  }
}
