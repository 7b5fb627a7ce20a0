// Giving the second factor: where a person is sent for it, where they come back to, and what a session says afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { BACKUP_CODES, startFactorServer } from '../support/factor-server.ts';
import {
  type ErrorJson,
  type FlowJson,
  json,
  messageIds,
  type SessionJson,
  type SignedInJson,
} from '../support/flow-json.ts';
import { APP_URL, ID_URL, PASSWORD } from '../support/server.ts';

const ADA = 'ada@example.org';
const BOB = 'bob@example.org';
const INSIDE = `${APP_URL}/inside`;
const methodsOf = ({ authentication_methods: methods }: SessionJson): readonly string[] =>
  methods.map(({ method }) => method);

test('a browser gives one factor after the other and arrives where it wanted to go', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true });
  const browser = createBrowser(server);
  await browser.open(`/self-service/login/browser?return_to=${encodeURIComponent(INSIDE)}`);
  browser.fill({ identifier: ADA, password: PASSWORD });
  await browser.press('password');
  assert.deepEqual(browser.see(), [1010004]);
  assert.equal(browser.form().return_to, INSIDE);
  assert.equal(await browser.isSignedIn(), false);
  browser.fill({ totp_code: server.appCode() });
  await browser.press('totp');
  assert.equal(browser.at(), INSIDE);
  assert.equal(await browser.isSignedIn(), true);
});

test('a page that works by script is told where to go, and return_to goes along', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { backup: true });
  const page = createScriptedPage(server);
  const flow = await page.start('login', `?return_to=${encodeURIComponent(INSIDE)}`);
  const typed = { method: 'password', identifier: ADA, password: PASSWORD };
  const { redirect_browser_to: to = '' } = await json<ErrorJson>(await page.send(flow, typed), 422);
  const next = new URL(to);
  assert.deepEqual(
    [next.origin, next.pathname, next.searchParams.get('aal'), next.searchParams.get('return_to')],
    [ID_URL, '/self-service/login/browser', 'aal2', INSIDE],
  );
  const second = await json<FlowJson>(await page.ask('GET', to));
  const body = { method: 'lookup_secret', lookup_secret: ` ${BACKUP_CODES[0]} ` };
  const done = await json<SignedInJson>(await page.send(second, body));
  assert.equal(done.continue_with?.[0]?.redirect_browser_to, INSIDE);
  assert.equal(done.session?.authenticator_assurance_level, 'aal2');
});

test('a native app keeps id and token of its session, which grows by the second factor', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true });
  const app = await server.firstFactor(ADA);
  const refused = await json<ErrorJson>(await app.ask('GET', '/sessions/whoami'), 403);
  assert.equal(refused.error.id, 'session_aal2_required');
  assert.equal(refused.redirect_browser_to, `${ID_URL}/self-service/login/browser?aal=aal2`);
  assert.equal((await app.ask('GET', '/self-service/settings/api')).status, 403);
  const flow = await app.start('login', '?aal=aal2');
  const sent = await app.send(flow, { method: 'totp', totp_code: server.appCode() });
  const done = await json<SignedInJson>(sent);
  assert.equal(done.session_token, app.token);
  assert.deepEqual(methodsOf(await app.whoami()), ['password', 'totp']);
});

test('settings send a browser to the second factor, and it comes back to them', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true });
  const browser = createBrowser(server);
  await browser.signIn(ADA);
  await browser.open(`/self-service/settings/browser?return_to=${encodeURIComponent(INSIDE)}`);
  assert.deepEqual(browser.see(), [1010004]);
  browser.fill({ totp_code: server.appCode() });
  await browser.press('totp');
  assert.match(browser.at(), /\/settings\?flow=/);
  assert.equal(browser.form().return_to, INSIDE);
});

test('a refresh asks for the level that is named, and leaves the other one', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true, backup: true });
  const app = await server.bothFactors(ADA);
  const first = await app.start('login', '?refresh=true');
  assert.deepEqual(messageIds(first), [1010003]);
  assert.ok(!first.ui.nodes.some(({ group }) => group === 'totp'));
  await json<SignedInJson>(
    await app.send(first, { method: 'password', identifier: ADA, password: PASSWORD }),
  );
  const second = await app.start('login', '?refresh=true&aal=aal2');
  assert.ok(!second.ui.nodes.some(({ group }) => group === 'password'));
  await json<SignedInJson>(
    await app.send(second, { method: 'lookup_secret', lookup_secret: BACKUP_CODES[0] }),
  );
  const session = await app.whoami();
  assert.equal(session.authenticator_assurance_level, 'aal2');
  assert.deepEqual(methodsOf(session), ['password', 'totp', 'password', 'lookup_secret']);
});

test('only what the person has is offered, and only by methods that are on', async (t) => {
  const server = await startFactorServer(t, { methods: { lookup_secret: { enabled: false } } });
  await server.person(ADA, { app: true, backup: true });
  await server.person(BOB, { backup: true });
  const ada = await server.firstFactor(ADA);
  const groups = (await ada.start('login', '?aal=aal2')).ui.nodes.map(({ group }) => group);
  assert.deepEqual([...new Set(groups)], ['default', 'totp']);
  const bob = await server.firstFactor(BOB);
  assert.equal((await bob.whoami()).authenticator_assurance_level, 'aal1');
});

test('where the first factor is enough, one may give the second all the same', async (t) => {
  const server = await startFactorServer(t, {
    config: { session: { whoami: { required_aal: 'aal1' } } },
    flows: { settings: { required_aal: 'aal1' } },
  });
  await server.person(ADA, { app: true });
  const app = await server.firstFactor(ADA);
  assert.equal((await app.whoami()).authenticator_assurance_level, 'aal1');
  assert.equal((await app.ask('GET', '/self-service/settings/api')).status, 200);
  const flow = await app.start('login', '?aal=aal2');
  await json<SignedInJson>(await app.send(flow, { method: 'totp', totp_code: server.appCode() }));
  assert.equal((await app.whoami()).authenticator_assurance_level, 'aal2');
});

test('administrators import second factors and read them open', async (t) => {
  const server = await startFactorServer(t);
  const id = await server.person(ADA, { app: true, backup: true });
  const path = `/admin/identities/${id}?include_credential=totp&include_credential=lookup_secret`;
  const shown = JSON.stringify((await server.admin.get(path)).json());
  assert.match(shown, /otpauth:\/\/totp\/Example:ada@example\.org\?secret=/);
  for (const code of BACKUP_CODES) assert.ok(shown.includes(`"code":"${code}","used_at":null`));
  for (const credentials of [
    { totp: { config: { totp_url: 'https://example.org' } } },
    { lookup_secret: { config: { codes: [] } } },
    { lookup_secret: { config: { codes: 'x' } } },
    { passkey: { config: { credentials: [] } } },
    { webauthn: { config: { credentials: [{ id: '!' }] } } },
  ]) {
    const body = { schema_id: 'person', traits: { email: BOB }, credentials };
    assert.equal(
      (await server.admin.post('/admin/identities', body)).status,
      400,
      JSON.stringify(credentials),
    );
  }
});
