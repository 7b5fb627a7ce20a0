// Social sign-in on the built-in pages, in a real browser, with a real OpenID provider.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startDemoProvider } from '../../src/cli/commands/demo-provider.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { findBarriers } from '../support/axe.ts';
import { openChromium } from '../support/chromium.ts';
import { expectGoodLook, SCREENS } from '../support/good-look.ts';
import { providerEntry, startProvider } from '../support/openid-provider.ts';
import { startPageServer } from '../support/page-server.ts';
import { PASSWORD, type TestScope } from '../support/server.ts';
import { type Visitor, visit } from '../support/visitor.ts';

const demo = await startDemoProvider();
after(() => demo.stop());
const browser = await openChromium({ after });

function demoEntry(): JsonObject {
  const { selfservice } = demo.flags;
  const methods = isJsonObject(selfservice) ? selfservice['methods'] : undefined;
  const oidc = isJsonObject(methods) ? methods['oidc'] : undefined;
  const config = isJsonObject(oidc) ? oidc['config'] : undefined;
  const [entry] = isJsonObject(config) && Array.isArray(config['providers']) ? config['providers'] : [];
  assert.ok(isJsonObject(entry));
  return entry;
}

const scripted = await startProvider({ after });
const entries = [
  demoEntry(),
  ...['google', 'github', 'microsoft', 'discord'].map((provider) =>
    providerEntry(scripted, { id: provider, label: provider, provider, microsoft_tenant: 'common' }),
  ),
  providerEntry(scripted),
];
const server = await startPageServer(
  { after },
  {
    methods: { oidc: { enabled: true, config: { providers: entries } } },
    flows: {
      registration: {
        after: { password: { hooks: [{ hook: 'session' }] }, oidc: { hooks: [{ hook: 'session' }] } },
      },
    },
  },
);
demo.open(server.url);

async function enter(t: TestScope): Promise<Visitor> {
  const visitor = await visit(t, { browser, url: server.url });
  // Pages of the provider ask for a font from elsewhere, which tests do without.
  await visitor.page.context().route(/^https:/, (route) => route.fulfill({ status: 200, body: '' }));
  return visitor;
}

/** Signs in at the provider and agrees to what it asks. */
async function atProvider({ page }: Visitor, name: string): Promise<void> {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]').click();
}

test('one signs up by a provider, signs out, and signs in again', async (t) => {
  const ada = await enter(t);
  await ada.page.goto(`${server.url}ui/registration`);
  await ada.press('Sign up with Demo provider');
  await atProvider(ada, 'ada');
  await ada.page.getByText('Signed in as ada@example.org').waitFor();
  await ada.page.goto(`${server.url}ui/settings`);
  await ada.page.getByRole('heading', { name: 'Linked accounts' }).waitFor();
  const other = await enter(t);
  await other.page.goto(`${server.url}ui/login`);
  await other.press('Sign in with Demo provider');
  await atProvider(other, 'ada');
  await other.page.getByText('Signed in as ada@example.org').waitFor();
});

test('whoever has an account is told, links it, and unlinks it again', async (t) => {
  const grace = await visit(t, { browser, url: server.url });
  await grace.signUp('grace@example.org');
  const again = await enter(t);
  await again.page.goto(`${server.url}ui/login`);
  await again.press('Sign in with Demo provider');
  await atProvider(again, 'grace');
  await again.page.getByRole('heading', { name: 'You already have an account' }).waitFor();
  assert.deepEqual(await findBarriers(again.page), []);
  await again.fill({ Password: PASSWORD });
  await again.press('Sign in');
  await again.page.getByText('Signed in as grace@example.org').waitFor();
  await again.page.goto(`${server.url}ui/settings`);
  await again.press('Unlink Demo provider');
  await again.page.getByRole('button', { name: 'Link Demo provider' }).waitFor();
});

test('a refusal at the provider leads back to the form, with words', async (t) => {
  const visitor = await visit(t, { browser, url: server.url });
  await visitor.page.goto(`${server.url}ui/login`);
  scripted.mistakes = { denies: 'access_denied' };
  await visitor.page.getByText(/^More options/).click();
  await visitor.press('Sign in with Acme');
  await visitor.page.getByText('Acme did not sign you in').waitFor();
  scripted.mistakes = {};
});

for (const { width, colorScheme } of SCREENS) {
  test(`the buttons look right and are one tap away, ${width} px, ${colorScheme}`, async (t) => {
    const options = { viewport: { width, height: 800 }, colorScheme };
    const visitor = await visit(t, { browser, url: server.url, options });
    await visitor.page.goto(`${server.url}ui/login`);
    assert.equal(await visitor.page.locator('button[name=provider] .emblem').count(), entries.length);
    await expectGoodLook(visitor.page, width);
  });
}
