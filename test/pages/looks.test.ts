// Can everybody use the pages, on every screen? axe-core, widths, sizes of what is pressed, weight, and what may be loaded.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { openChromium } from '../support/chromium.ts';
import { expectGoodLook, SCREENS } from '../support/good-look.ts';
import { startPageServer } from '../support/page-server.ts';
import { type Visitor, visit } from '../support/visitor.ts';

const identifies = { 'ory.sh/kratos': { credentials: { password: { identifier: true } } } };
/** A trait of every kind. */
const schema: JsonObject = {
  $id: 'https://schemas.example.org/everything.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      required: ['email', 'plan', 'terms'],
      properties: {
        email: { type: 'string', format: 'email', title: 'E-mail address', ...identifies },
        name: {
          type: 'object',
          properties: {
            first: { type: 'string', title: 'First name' },
            last: { type: 'string', title: 'Last name' },
          },
        },
        plan: { type: 'string', enum: ['free', 'team'], title: 'Plan' },
        age: { type: 'integer', title: 'Age' },
        birthday: { type: 'string', format: 'date', title: 'Date of birth' },
        seen: { type: 'string', format: 'date-time', title: 'Last seen' },
        phone: { type: 'string', format: 'tel', title: 'Phone number' },
        site: { type: 'string', format: 'uri', title: 'Website' },
        terms: { type: 'boolean', const: true, title: 'I agree to the terms of use' },
        tags: { type: 'array', items: { type: 'string' }, title: 'Interests' },
      },
    },
  },
};

const browser = await openChromium({ after });
const server = await startPageServer(
  { after },
  { schema, pages: { name: 'Ölfarben & Söhne', accent: '#ffcc00' } },
);

const LONG = `${'Wolfeschlegelsteinhausenbergerdorff'.repeat(4)}`;

async function signUp({ page, press, fill }: Visitor, email: string): Promise<void> {
  await page.goto(`${server.url}self-service/registration/browser`);
  await fill({
    'E-mail address': email,
    'First name': 'عائشة بنت عبد الرحمن',
    'Last name': LONG,
    Interests: 'chess',
    Password: 'green bottles on a wall',
  });
  await page.getByLabel('Plan').selectOption('team');
  await page.getByLabel('I agree').check();
  await press('Create account');
  await page.getByText(`Signed in as ${email}`).waitFor();
}

/** Every page, by how one gets there. */
const PAGES: Readonly<Record<string, (visitor: Visitor, email: string) => Promise<unknown>>> = {
  welcome: ({ page }) => page.goto(server.url),
  'sign in': ({ page }) => page.goto(`${server.url}ui/login`),
  'sign in, refused': async ({ page, press }) => {
    await page.goto(`${server.url}ui/login`);
    await press('Sign in');
    await page.locator('.error').first().waitFor();
  },
  'create account': ({ page }) => page.goto(`${server.url}ui/registration`),
  'create account, refused': async ({ page, press }) => {
    await page.goto(`${server.url}ui/registration`);
    await press('Create account');
    await page.locator('.error').first().waitFor();
  },
  account: (visitor, email) => signUp(visitor, email),
  'account, refused': async (visitor, email) => {
    await signUp(visitor, email);
    await visitor.page.getByLabel('Website').fill('no address');
    await visitor.press('Save profile');
    await visitor.page.locator('.error').first().waitFor();
  },
  error: ({ page }) => page.goto(`${server.url}ui/login?return_to=https%3A%2F%2Fevil.example`),
  'account, saved': async (visitor, email) => {
    await signUp(visitor, email);
    await visitor.press('Save profile');
    await visitor.page.getByRole('status').waitFor();
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

test('at twice the size of letters nothing is cut off', async (t) => {
  const visitor = await visit(t, {
    browser,
    url: server.url,
    options: { viewport: { width: 640, height: 720 }, deviceScaleFactor: 2 },
  });
  await signUp(visitor, 'zoom@example.org');
  assert.equal(await visitor.page.evaluate('document.documentElement.scrollWidth'), 640);
});

test('a page loads its stylesheet and its script, which are kept for ever, and nothing else', async (t) => {
  const { page } = await visit(t, { browser, url: server.url });
  const loaded: string[] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    loaded.push(`${pathname.replace(/\.[0-9a-f]{12}\./, '.#.')} ${response.headers()['cache-control']}`);
  });
  await page.reload();
  const forEver = 'public, max-age=31536000, immutable';
  assert.deepEqual(loaded.toSorted(), [
    '/ private, no-cache, no-store, must-revalidate',
    `/ui/assets/page.#.js ${forEver}`,
    `/ui/assets/style.#.css ${forEver}`,
  ]);
});

test('the look is the operator’s: name, an accent as it was given, and text in it that can be read', async (t) => {
  const { page } = await visit(t, { browser, url: server.url });
  assert.equal(await page.title(), 'Welcome – Ölfarben & Söhne');
  const property = (name: string) =>
    page.evaluate(`getComputedStyle(document.documentElement).getPropertyValue('${name}')`);
  assert.equal(await property('--accent'), '#ffcc00');
  assert.match(String(await property('--accent-text')), /^#[0-9a-f]{6}$/);
  assert.notEqual(await property('--accent-text'), '#ffcc00');
});
