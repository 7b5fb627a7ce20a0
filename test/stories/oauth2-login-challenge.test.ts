// Signing in on behalf of an OAuth2 server: whatever a person goes through, the challenge arrives at its end, once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Browser, createBrowser, createScriptedPage } from '../support/browser.ts';
import { type CodeServer, startCodeServer } from '../support/code-server.ts';
import { type FlowJson, json } from '../support/flow-json.ts';
import {
  afterChallenge,
  type LoginRequestServer,
  startLoginRequestServer,
} from '../support/login-request-server.ts';
import { providerEntry, type ScriptedProvider, startProvider } from '../support/openid-provider.ts';
import { APP_URL, PASSWORD } from '../support/server.ts';

const ADA = 'ada@example.org';

interface World extends CodeServer {
  readonly oauth2: LoginRequestServer;
  readonly acme: ScriptedProvider;
  /** Starts a login or registration for a new challenge. */
  readonly comeFor: (browser: Browser, challenge: string, kind?: 'login' | 'registration') => Promise<void>;
  readonly through: (browser: Browser) => Promise<void>;
}

interface Row {
  readonly title: string;
  /** Of `selfservice`. */
  readonly config?: JsonObject;
  readonly code?: JsonObject;
  readonly request?: JsonObject;
  /** From the challenge to the end. Before it, Ada has an account. */
  readonly walk: (world: World, browser: Browser, challenge: string) => Promise<void>;
  readonly amr: readonly string[];
}

const hooks = [{ hook: 'session' }];
const VERIFY: JsonObject = {
  flows: {
    registration: { after: { password: { hooks: [...hooks, { hook: 'show_verification_ui' }] } } },
    verification: { enabled: true, use: 'code', ui_url: `${APP_URL}/verification` },
  },
};

const signIn = async (browser: Browser): Promise<void> => {
  browser.fill({ identifier: ADA, password: PASSWORD });
  await browser.press('password');
};

const ROWS: readonly Row[] = [
  {
    title: 'a password',
    walk: async ({ comeFor }, browser, challenge) => {
      await comeFor(browser, challenge);
      await signIn(browser);
    },
    amr: ['password'],
  },
  {
    title: 'a wrong password, and then the right one',
    walk: async ({ comeFor }, browser, challenge) => {
      await comeFor(browser, challenge);
      browser.fill({ identifier: ADA, password: 'a wrong one' });
      await browser.press('password');
      await signIn(browser);
    },
    amr: ['password'],
  },
  {
    title: 'a code',
    walk: async (world, browser, challenge) => {
      await world.comeFor(browser, challenge);
      browser.fill({ identifier: ADA });
      await browser.press('code');
      browser.fill({ code: await world.codeTo(ADA) });
      await browser.press('code', 'method');
    },
    amr: ['code'],
  },
  {
    title: 'a password and a second factor',
    code: { mfa_enabled: true },
    walk: async (world, browser, challenge) => {
      await world.comeFor(browser, challenge);
      await signIn(browser);
      assert.equal(world.oauth2.told.length, 0, 'one factor is not enough');
      browser.fill({ code: await world.codeTo(ADA) });
      await browser.press('code', 'method');
    },
    amr: ['password', 'code'],
  },
  {
    title: 'a session that is confirmed',
    walk: async ({ comeFor }, browser, challenge) => {
      await browser.signIn(ADA);
      await comeFor(browser, challenge);
      await signIn(browser);
    },
    amr: ['password', 'password'],
  },
  {
    title: 'a session that is enough',
    request: { skip: true },
    walk: async ({ comeFor }, browser, challenge) => {
      await browser.signIn(ADA);
      await comeFor(browser, challenge);
    },
    amr: ['password'],
  },
  {
    title: 'a session that is enough, at a sign-up',
    request: { skip: true },
    walk: async ({ comeFor }, browser, challenge) => {
      await browser.signIn(ADA);
      await comeFor(browser, challenge, 'registration');
    },
    amr: ['password'],
  },
  {
    title: 'a session at a sign-up that is led to the login',
    walk: async ({ comeFor }, browser, challenge) => {
      await browser.signIn(ADA);
      await comeFor(browser, challenge, 'registration');
      await signIn(browser);
    },
    amr: ['password', 'password'],
  },
  {
    title: 'a session that lacks the second factor',
    code: { mfa_enabled: true },
    request: { skip: true },
    walk: async (world, browser, challenge) => {
      await world.comeFor(browser, world.oauth2.ask());
      await signIn(browser);
      // So that the newest code is that of the newest form.
      world.clock.advance(60_000);
      await world.comeFor(browser, challenge);
      assert.equal(world.oauth2.told.length, 0, 'one factor is not enough');
      browser.fill({ code: await world.codeTo(ADA) });
      await browser.press('code', 'method');
    },
    amr: ['password', 'code'],
  },
  {
    title: 'a sign-up',
    walk: async ({ comeFor }, browser, challenge) => {
      await comeFor(browser, challenge, 'registration');
      browser.fill({ 'traits.email': 'new@example.org', password: PASSWORD });
      await browser.press('password');
    },
    amr: ['password'],
  },
  {
    title: 'a sign-up, the verification of its address included',
    config: VERIFY,
    walk: async (world, browser, challenge) => {
      await world.comeFor(browser, challenge, 'registration');
      browser.fill({ 'traits.email': 'new@example.org', password: PASSWORD });
      await browser.press('password');
      assert.equal(world.oauth2.told.length, 0, 'the address comes first');
      browser.fill({ code: await world.codeTo('new@example.org') });
      await browser.press('code', 'method');
    },
    amr: ['password'],
  },
  {
    title: 'a provider that knows the person',
    walk: async (world, browser, challenge) => {
      const before = createBrowser(world);
      await before.open('/self-service/registration/browser');
      world.acme.user = { sub: 'grace', email: 'grace@example.org' };
      await world.through(before);
      await world.comeFor(browser, challenge);
      await world.through(browser);
    },
    amr: ['oidc'],
  },
  {
    title: 'a provider that signs somebody up',
    walk: async (world, browser, challenge) => {
      world.acme.user = { sub: 'grace', email: 'grace@example.org' };
      await world.comeFor(browser, challenge);
      await world.through(browser);
    },
    amr: ['oidc'],
  },
  {
    title: 'a provider that does not say everything',
    walk: async (world, browser, challenge) => {
      world.acme.user = { sub: 'grace', email: 'no address' };
      await world.comeFor(browser, challenge);
      await world.through(browser);
      browser.fill({ 'traits.email': 'grace@example.org' });
      await world.through(browser);
    },
    amr: ['oidc'],
  },
  {
    title: 'a provider whose account is linked first',
    walk: async (world, browser, challenge) => {
      world.acme.user = { sub: 'ada-upstream', email: ADA };
      await world.comeFor(browser, challenge);
      await world.through(browser);
      browser.fill({ password: PASSWORD });
      await browser.press('password');
    },
    amr: ['password', 'oidc'],
  },
  {
    title: 'a form that has expired meanwhile',
    walk: async (world, browser, challenge) => {
      await world.comeFor(browser, challenge);
      world.clock.advance(2 * 60 * 60_000);
      await signIn(browser);
      await signIn(browser);
    },
    amr: ['password'],
  },
];

async function start(
  t: Parameters<typeof startCodeServer>[0],
  { config = {}, code }: Pick<Row, 'config' | 'code'>,
): Promise<World> {
  const oauth2 = await startLoginRequestServer(t);
  const acme = await startProvider(t);
  const { flows = {}, ...selfservice } = config as { readonly flows?: JsonObject } & JsonObject;
  const server = await startCodeServer(t, {
    ...(code ? { code } : {}),
    config: {
      oauth2_provider: { url: oauth2.url, headers: { Authorization: 'Bearer admin' } },
      session: { whoami: { required_aal: 'highest_available' } },
      selfservice: {
        ...selfservice,
        methods: { oidc: { enabled: true, config: { providers: [providerEntry(acme)] } } },
        flows: { registration: { after: { password: { hooks }, oidc: { hooks } } }, ...flows },
      },
    },
  });
  await server.person({ email: ADA }, { credentials: { password: { config: { password: PASSWORD } } } });
  return {
    ...server,
    oauth2,
    acme,
    comeFor: async (browser, challenge, kind = 'login') => {
      await browser.open(`/self-service/${kind}/browser?login_challenge=${challenge}`);
    },
    through: async (browser) => {
      await browser.press('acme', 'provider');
      await browser.open(await acme.visit(browser.at()));
    },
  };
}

for (const { title, request, walk, amr, ...of } of ROWS) {
  test(`the challenge arrives after ${title}`, async (t) => {
    const world = await start(t, of);
    const browser = createBrowser(world);
    const challenge = world.oauth2.ask(request);
    await walk(world, browser, challenge);
    assert.equal(browser.at(), afterChallenge('accept', challenge));
    const [told, ...more] = world.oauth2.told;
    assert.equal(more.length, 0, 'it is answered once');
    assert.ok(told);
    const who = await json<{ id: string; identity: { id: string } }>(
      await browser.ask('GET', '/sessions/whoami'),
    );
    assert.deepEqual(told, {
      what: 'accept',
      challenge,
      body: {
        subject: who.identity.id,
        identity_provider_session_id: who.id,
        remember: true,
        remember_for: 24 * 60 * 60,
        amr,
      },
    });
  });
}

test('somebody else than the one who is remembered is refused in their own name', async (t) => {
  const world = await start(t, {});
  const browser = createBrowser(world);
  await browser.signIn(ADA);
  const challenge = world.oauth2.ask({ skip: true, subject: '00000000-0000-4000-8000-000000000001' });
  await world.comeFor(browser, challenge);
  assert.equal(browser.at(), afterChallenge('reject', challenge));
  assert.equal(world.oauth2.told[0]?.body['error'], 'login_required');
});

test('a page that works by script is told where to go, with a session at a sign-up too', async (t) => {
  const world = await start(t, {});
  const browser = createBrowser(world);
  await browser.signIn(ADA);
  const page = createScriptedPage(world, browser.cookies);
  for (const kind of ['login', 'registration']) {
    const challenge = world.oauth2.ask({ skip: true });
    const answer = await page.ask('GET', `/self-service/${kind}/browser?login_challenge=${challenge}`);
    const { redirect_browser_to: to } = await json<{ redirect_browser_to: string }>(answer, 422);
    assert.equal(to, afterChallenge('accept', challenge));
  }
});

test('an accept that fails leaves the person signed in, on the error page', async (t) => {
  const world = await start(t, {});
  const browser = createBrowser(world);
  world.oauth2.acceptStatus = 404;
  await world.comeFor(browser, world.oauth2.ask());
  await signIn(browser);
  assert.match(browser.at(), new RegExp(`^${APP_URL}/error\\?id=`));
  assert.ok(await browser.isSignedIn());
});

test('whoever verifies in another browser gets no session, and signs in there for the challenge', async (t) => {
  const world = await start(t, { config: VERIFY });
  const browser = createBrowser(world);
  const challenge = world.oauth2.ask();
  await world.comeFor(browser, challenge, 'registration');
  browser.fill({ 'traits.email': 'new@example.org', password: PASSWORD });
  await browser.press('password');
  const { id } = browser.form();
  const other = createScriptedPage(world);
  const answer = await other.ask('POST', `/self-service/verification?flow=${id}`, {
    method: 'code',
    code: await world.codeTo('new@example.org'),
  });
  assert.equal(world.oauth2.told.length, 0);
  assert.equal((await other.ask('GET', '/sessions/whoami')).status, 401);
  if (answer.status === 200) {
    const flow = await json<FlowJson>(answer);
    assert.ok(JSON.stringify(flow.ui.nodes).includes(`login_challenge=${challenge}`));
  }
});

test('a challenge that is unknown, or an OAuth2 server that is down, keeps nobody from signing in otherwise', async (t) => {
  const world = await start(t, {});
  const browser = createBrowser(world);
  await world.comeFor(browser, 'made-up');
  assert.match(browser.at(), /\/error\?id=/);
  await browser.signIn(ADA);
  assert.ok(await browser.isSignedIn());
});

test('with override_return_to a flow returns to the authorization request', async (t) => {
  const world = await start(t, {});
  const oauth2 = {
    url: world.oauth2.url,
    headers: { Authorization: 'Bearer admin' },
    override_return_to: true,
  };
  const overriding = await startCodeServer(t, { config: { oauth2_provider: oauth2 } });
  const page = createScriptedPage(overriding);
  const flow = await page.start(
    'login',
    `?login_challenge=${world.oauth2.ask()}&return_to=${APP_URL}/elsewhere`,
  );
  assert.equal(flow.return_to, 'http://app.example.org/oauth2/auth?client_id=app');
});
