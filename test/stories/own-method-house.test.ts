// The test method leads to another place and back: sign-in, sign-up, linking, and everything that may go wrong on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createAdmin } from '../support/admin.ts';
import { type Browser, CONTINUITY_COOKIE, createBrowser } from '../support/browser.ts';
import { type FlowJson, json, nodeNamed, type SignedInJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { pin } from '../support/pin/index.ts';
import {
  PASSWORD,
  PERSON_SCHEMA,
  schemaUrl,
  startServer,
  type TestScope,
  type TestServer,
} from '../support/server.ts';

const EMAIL = 'ada@example.org';
const CALLBACK = '/self-service/methods/pin/callback';
const REFUSED = 4009903;
const LINKING = 1019903;
const MINUTE_MS = 60_000;

const schema = JSON.parse(
  JSON.stringify(PERSON_SCHEMA).replace(
    '"password":{"identifier":true}',
    '"password":{"identifier":true},"pin":{"identifier":true}',
  ),
);

function startWithHouse(t: TestScope, settings: JsonObject = {}): Promise<TestServer> {
  return startServer(t, {
    additions: { methods: [pin] },
    config: {
      identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(schema) }] },
      selfservice: {
        methods: { pin: { enabled: true } },
        flows: {
          settings,
          registration: {
            after: {
              pin: { hooks: [{ hook: 'session' }] },
              password: { hooks: [{ hook: 'session' }] },
            },
          },
        },
      },
    },
  });
}

/** Presses the button of the house, and gives the address that the house sends the browser back to. */
async function visit(
  browser: Browser,
  kind: 'login' | 'registration' | 'settings',
  answer: Readonly<Record<string, string>>,
): Promise<string> {
  await browser.open(`/self-service/${kind}/browser`);
  await browser.press('door');
  return backWith(browser.at(), answer);
}

function backWith(house: string, answer: Readonly<Record<string, string>>): string {
  const { origin, searchParams } = new URL(house);
  assert.equal(origin, 'http://house.example');
  return `${CALLBACK}?${new URLSearchParams({ ...Object.fromEntries(searchParams), ...answer })}`;
}

const VISITOR = { who: 'ada-at-house', email: EMAIL };

test('a sign-up at the house makes a person, and later a sign-in', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'registration', VISITOR));
  assert.ok(await browser.isSignedIn());
  const again = createBrowser(server);
  await again.open(await visit(again, 'login', VISITOR));
  assert.ok(await again.isSignedIn());
});

test('a sign-in at the house of somebody without an account signs them up; a sign-up of somebody who has one signs in', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'login', VISITOR));
  assert.ok(await browser.isSignedIn());
  const again = createBrowser(server);
  await again.open(await visit(again, 'registration', VISITOR));
  assert.ok(await again.isSignedIn());
  const { json: people } = await createAdmin(server).get('/admin/identities');
  assert.equal(people<readonly unknown[]>().length, 1);
});

test('what is missing after a sign-in at the house is asked for on the form of the sign-up', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'login', { who: 'nobody', email: 'no address' }));
  assert.match(browser.at(), /\/registration\?flow=/);
  assert.ok(nodeNamed(browser.form(), 'traits.email')?.messages.length);
});

test('an address that somebody has leads to their sign-in, which links the house', async (t) => {
  const server = await startWithHouse(t);
  const owner = createNativeApp(server);
  await owner.signUp(EMAIL);
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'registration', VISITOR));
  assert.match(browser.at(), /\/login\?.*linking=true/);
  assert.deepEqual(browser.see(), [LINKING]);
  browser.fill({ identifier: EMAIL, password: 'wrong' });
  await browser.press('password');
  assert.equal(await browser.isSignedIn(), false);
  browser.fill({ identifier: EMAIL });
  await signInByForm(browser);
  const session = await json<{ authentication_methods: readonly { method: string }[] }>(
    await browser.ask('GET', '/sessions/whoami'),
  );
  assert.deepEqual(
    session.authentication_methods.map(({ method }) => method),
    ['password', 'pin'],
  );
  const later = createBrowser(server);
  await later.open(await visit(later, 'login', VISITOR));
  assert.ok(await later.isSignedIn());
});

test('the house is linked to nobody but the one whose address it named', async (t) => {
  const server = await startWithHouse(t);
  const owner = createNativeApp(server);
  await owner.signUp(EMAIL);
  await createNativeApp(server).signUp('eve@example.org');
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'registration', VISITOR));
  browser.fill({ identifier: 'eve@example.org' });
  await signInByForm(browser);
  assert.deepEqual(browser.see(), [REFUSED]);
  assert.equal(await browser.isSignedIn(), false);
});

test('somebody who is signed in links the house in settings, where that sign-in is recent', async (t) => {
  const server = await startWithHouse(t, { privileged_session_max_age: '5m' });
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'registration', VISITOR));
  await browser.open(await visit(browser, 'settings', { who: 'another' }));
  const later = createBrowser(server);
  await later.open(await visit(later, 'login', { who: 'another' }));
  assert.ok(await later.isSignedIn());

  await browser.open('/self-service/settings/browser');
  await browser.press('door');
  const back = backWith(browser.at(), { who: 'third' });
  server.clock.advance(10 * MINUTE_MS);
  await browser.open(back);
  assert.match(browser.at(), /\/login\?flow=/, 'a link is a change that needs a recent sign-in');
});

test('the last way to sign in cannot be taken away, and the form says so at its button', async (t) => {
  const server = await startWithHouse(t);
  const app = createNativeApp(server);
  const registration = await app.start('registration');
  const signedUp = await app.send(registration, { method: 'pin', pin: '123456', traits: { email: EMAIL } });
  app.token = (await json<SignedInJson>(signedUp)).session_token ?? '';
  const settings = await app.start('settings');
  const refused = await json<FlowJson>(await app.send(settings, { method: 'pin', remove: 'true' }), 400);
  assert.deepEqual(
    nodeNamed(refused, 'remove')?.messages.map(({ id }) => id),
    [4000001],
  );
});

test('a native app is told where to send its person, and comes back without a cookie', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'registration', VISITOR));
  const app = createNativeApp(server);
  const login = await app.start('login');
  const left = await json<{ redirect_browser_to: string }>(
    await app.send(login, { method: 'pin', house: 'door' }),
    422,
  );
  const back = backWith(left.redirect_browser_to, VISITOR);
  app.token = (await json<SignedInJson>(await app.ask('GET', back))).session_token ?? '';
  assert.equal((await app.whoami()).identity.traits['email'], EMAIL);
});

test('a button in an address leads away too, and a form that the house sends is turned into a GET', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser');
  const { id } = browser.form();
  await browser.open(`/self-service/login?flow=${id}&house=door`);
  const [path = '', query = ''] = backWith(browser.at(), VISITOR).split('?');
  const sent = await server.ask('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://house.example' },
    body: query,
  });
  assert.equal(sent.status, 302);
  await browser.open(sent.headers.get('location') ?? '');
  assert.ok(await browser.isSignedIn());
});

test('a refusal of the house is shown on the form, which can be used again', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  await browser.open(await visit(browser, 'login', { error: 'no' }));
  assert.deepEqual(browser.see(), [REFUSED]);
  await browser.press('door');
  await browser.open(backWith(browser.at(), VISITOR));
  assert.ok(await browser.isSignedIn());
});

test('a state is good in its browser only, once, and only the newest', async (t) => {
  const server = await startWithHouse(t);
  const asJson = { headers: { accept: 'application/json' } };
  const browser = createBrowser(server);
  const older = await visit(browser, 'login', VISITOR);
  const back = await visit(browser, 'login', VISITOR);
  assert.equal((await browser.ask('GET', older, asJson)).status, 400, 'an older one');
  const other = createBrowser(server);
  await visit(other, 'login', VISITOR);
  assert.equal((await other.ask('GET', back, asJson)).status, 400, 'another browser');
  for (const state of ['', 'made-up', 'AQ']) {
    const url = back.replace(/state=[^&]*/, `state=${state}`);
    assert.equal((await browser.ask('GET', url, asJson)).status, 400, `"${state}"`);
  }
  const copy = createBrowser(server);
  for (const [name, value] of browser.cookies.all) copy.cookies.set(name, value);
  await browser.open(back);
  assert.ok(await browser.isSignedIn());
  assert.equal((await copy.ask('GET', back, asJson)).status, 400, 'used already');
  assert.equal((await browser.ask('GET', back)).status, 303, 'whoever is signed in goes on');
  assert.equal(await copy.isSignedIn(), false);
});

test('without the cookie of the departure nobody arrives', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  const back = await visit(browser, 'login', VISITOR);
  browser.cookies.drop(CONTINUITY_COOKIE);
  await browser.open(back);
  assert.match(browser.at(), /\/error\?id=/);
});

test('whoever signed in meanwhile in another tab goes on, and nothing else happens', async (t) => {
  const server = await startWithHouse(t);
  await createNativeApp(server).signUp('eve@example.org');
  const browser = createBrowser(server);
  const back = await visit(browser, 'login', VISITOR);
  await browser.open('/self-service/login/browser');
  browser.fill({ identifier: 'eve@example.org' });
  await signInByForm(browser);
  assert.ok(await browser.isSignedIn());
  await browser.open(back);
  assert.equal(browser.at(), 'http://app.example.org/home');
  assert.equal((await createAdmin(server).get('/admin/identities')).json<readonly unknown[]>().length, 1);
});

test('of fifty who come back with one state at the same moment one signs up', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  const back = await visit(browser, 'registration', VISITOR);
  const cookie = browser.cookies.header() ?? '';
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      server.ask('GET', back, { headers: { cookie, accept: 'application/json' } }),
    ),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.ok(answers.every(({ status }) => status < 500));
});

test('whoever comes back late finds a new form', async (t) => {
  const server = await startWithHouse(t);
  const browser = createBrowser(server);
  const back = await visit(browser, 'login', VISITOR);
  server.clock.advance(31 * MINUTE_MS);
  await browser.open(back);
  assert.match(browser.at(), /\/login\?flow=/);
  assert.equal(await browser.isSignedIn(), false);
  await browser.press('door');
  await browser.open(backWith(browser.at(), VISITOR));
  assert.ok(await browser.isSignedIn());
});

async function signInByForm(browser: Browser): Promise<void> {
  browser.fill({ password: PASSWORD });
  await browser.press('password');
}
