// Somebody adds a way of signing in: one folder (test/support/pin) and one line here. It takes part in everything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type DatabaseName, freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds, nodeNamed, type SignedInJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { dictatedPin } from '../support/pin/dictated.ts';
import { pin } from '../support/pin/index.ts';
import {
  HOUR_MS,
  ID_URL,
  PERSON_SCHEMA,
  schemaUrl,
  startServer,
  type TestScope,
  type TestServer,
} from '../support/server.ts';

const EMAIL = 'ada@example.org';
const WRONG = 4009901;
const UNFIT = 4009902;

/** The schema of all tests, with the address as an identifier of this method too. */
const schema = JSON.parse(
  JSON.stringify(PERSON_SCHEMA).replace(
    '"password":{"identifier":true}',
    '"password":{"identifier":true},"pin":{"identifier":true}',
  ),
);

async function startWithPin(
  t: TestScope,
  name: DatabaseName,
  settings: { readonly enabled?: boolean; readonly factor?: 'first' | 'second' } = {},
): Promise<TestServer> {
  const fresh = await freshDatabase(name);
  const { enabled = true, factor = 'first' } = settings;
  const server = await startServer(t, {
    dsn: fresh.dsn,
    additions: { methods: [pin] },
    config: {
      identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(schema) }] },
      session: { whoami: { required_aal: 'highest_available' } },
      selfservice: {
        methods: { pin: { enabled, config: { factor } } },
        flows: { registration: { after: { pin: { hooks: [{ hook: 'session' }] } } } },
      },
    },
  });
  t.after(fresh.remove);
  return server;
}

for (const name of SHARED_DATABASES) {
  test(`a native app signs up, signs in and changes its number [${name}]`, async (t) => {
    const server = await startWithPin(t, name);
    const app = createNativeApp(server);
    const registration = await app.start('registration');
    assert.ok(nodeNamed(registration, 'password'), 'the other method is there too');
    const unfit = await app.send(registration, { method: 'pin', pin: '12', traits: { email: EMAIL } });
    assert.deepEqual(messageIds(await json<FlowJson>(unfit, 400)), [UNFIT]);
    const signedUp = await json<SignedInJson>(
      await app.send(registration, { method: 'pin', pin: '123456', traits: { email: EMAIL } }),
    );
    app.token = signedUp.session_token ?? '';
    assert.deepEqual(
      (await app.whoami()).authentication_methods.map(({ method }) => method),
      ['pin'],
    );

    const settings = await app.start('settings');
    const number = dictatedPin(settings);
    const changed = await app.send(settings, { method: 'pin', pin: number });
    assert.equal((await json<FlowJson>(changed)).state, 'success');

    const other = createNativeApp(server);
    const login = await other.start('login');
    const send = (typed: string) => other.send(login, { method: 'pin', identifier: EMAIL, pin: typed });
    assert.deepEqual(messageIds(await json<FlowJson>(await send('123456'), 400)), [WRONG]);
    other.token = (await json<SignedInJson>(await send(number))).session_token ?? '';
    assert.equal((await other.whoami()).identity.traits['email'], EMAIL);
  });

  test(`a browser signs up, is asked again before a change, and signs in [${name}]`, async (t) => {
    const server = await startWithPin(t, name);
    const browser = createBrowser(server);
    await browser.open('/self-service/registration/browser');
    browser.fill({ 'traits.email': EMAIL, pin: '123456' });
    await browser.press('pin');
    assert.ok(await browser.isSignedIn());

    server.clock.advance(2 * HOUR_MS);
    await browser.open('/self-service/settings/browser');
    browser.fill({ pin: dictatedPin(browser.form()) });
    await browser.press('pin');
    assert.match(browser.at(), /\/login\?flow=/);

    const another = createBrowser(server);
    await another.open('/self-service/login/browser');
    another.fill({ identifier: EMAIL, pin: '123456' });
    await another.press('pin');
    assert.ok(await another.isSignedIn());
  });

  test(`administrators import, see and remove its credential as that of any method [${name}]`, async (t) => {
    const server = await startWithPin(t, name);
    const admin = createAdmin(server);
    const { id } = await admin.create(EMAIL, { credentials: { pin: { config: { pin: '123456' } } } });
    const identity = (await admin.get(`/admin/identities/${id}`)).json<{
      credentials: Record<string, { identifiers: readonly string[] }>;
    }>();
    assert.deepEqual(identity.credentials['pin']?.identifiers, [EMAIL]);
    const last = await admin.delete(`/admin/identities/${id}/credentials/pin`);
    assert.equal(last.status, 400, 'the last way to sign in stays');
    const app = createNativeApp(server);
    const login = await app.start('login');
    await json(await app.send(login, { method: 'pin', identifier: EMAIL, pin: '123456' }));
  });

  test(`its routes are mounted: a script, a redirect, a bell without a token, and one for administrators [${name}]`, async (t) => {
    const server = await startWithPin(t, name);
    const script = await server.ask('GET', '/self-service/methods/pin/pad.js');
    assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(await script.text(), 'pad();\n');
    const forgotten = await server.ask('GET', '/self-service/methods/pin/forgotten');
    assert.equal(forgotten.status, 303);
    assert.equal(forgotten.headers.get('location'), `${ID_URL}/self-service/recovery/browser`);
    const ring = await server.ask('POST', '/self-service/methods/pin/ring');
    assert.equal(ring.status, 204, 'no anti-CSRF token is asked for');
    const admin = createAdmin(server);
    assert.deepEqual((await admin.get('/admin/pin/houses/red')).json(), { name: 'red' });
    assert.equal((await admin.get('/admin/pin/houses/blue')).status, 404);

    const without = await startWithPin(t, name, { enabled: false });
    assert.equal((await without.ask('GET', '/self-service/methods/pin/pad.js')).status, 404);
  });

  test(`as second factor it is asked for after the first, and opens what needs both [${name}]`, async (t) => {
    const server = await startWithPin(t, name, { factor: 'second' });
    const app = createNativeApp(server);
    await app.signUp(EMAIL);
    const settings = await app.start('settings');
    const number = dictatedPin(settings);
    await json<FlowJson>(await app.send(settings, { method: 'pin', pin: number }));

    const again = createNativeApp(server);
    await again.signIn(EMAIL);
    assert.equal((await again.ask('GET', '/sessions/whoami')).status, 403);
    const stepUp = await again.start('login', '?aal=aal2');
    assert.ok(nodeNamed(stepUp, 'pin'));
    assert.equal(nodeNamed(stepUp, 'password'), undefined);
    await json<SignedInJson>(await again.send(stepUp, { method: 'pin', pin: number }));
    const session = await again.whoami();
    assert.equal(session.authenticator_assurance_level, 'aal2');
    assert.deepEqual(
      session.authentication_methods.map(({ method }) => method),
      ['password', 'pin'],
    );
  });
}

test('a second factor that was switched off asks nobody for a second step', async (t) => {
  const fresh = await freshDatabase('sqlite file');
  t.after(fresh.remove);
  const config = (enabled: boolean) => ({
    session: { whoami: { required_aal: 'highest_available' } },
    selfservice: { methods: { pin: { enabled, config: { factor: 'second' } } } },
  });
  const additions = { methods: [pin] };
  const server = await startServer(t, { dsn: fresh.dsn, additions, config: config(true) });
  const app = createNativeApp(server);
  await app.signUp(EMAIL);
  const settings = await app.start('settings');
  await json<FlowJson>(await app.send(settings, { method: 'pin', pin: dictatedPin(settings) }));
  app.token = '';
  await app.signIn(EMAIL);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 403);

  const later = createNativeApp(await startServer(t, { dsn: fresh.dsn, additions, config: config(false) }));
  later.token = app.token;
  assert.equal((await later.whoami()).identity.traits['email'], EMAIL);
  assert.equal(nodeNamed(await later.start('settings'), 'pin'), undefined);
});

test('a method may have a name of the protocol that is not built here', async (t) => {
  const captcha = { ...pin, name: 'captcha', create: () => ({}) };
  const config = { selfservice: { methods: { captcha: { enabled: true } } } };
  await assert.rejects(startServer(t, { config }), /selfservice\.methods\.captcha/);
  const server = await startServer(t, { config, additions: { methods: [captcha] } });
  assert.equal((await server.ask('GET', '/health/ready')).status, 200);
});
