// What sessions promise whatever a client sends. Each name is a guarantee (docs/differences).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage, SESSION_COOKIE } from '../support/browser.ts';
import { type FlowJson, json, messageIds, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import {
  HOUR_MS,
  OTHER_PASSWORD,
  PASSWORD,
  sharedConfig,
  startServer,
  temporaryFile,
} from '../support/server.ts';

test('a credential only ever renews itself', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const app = createNativeApp(server);
  await app.signUp('grace@example.org');
  const { id } = await app.whoami();
  server.clock.advance(20 * HOUR_MS);
  assert.equal((await server.askAdmin('PATCH', `/admin/sessions/${id}/extend`)).status, 200);
  const cookie = browser.cookies.header() ?? '';
  const both = await server.ask('GET', '/sessions/whoami', {
    headers: { cookie, 'x-session-token': app.token },
  });
  assert.deepEqual(both.headers.getSetCookie(), []);
  assert.equal((await json<SessionJson>(both)).identity.traits['email'], 'grace@example.org');
  const own = await json<SessionJson>(await browser.ask('GET', '/sessions/whoami'));
  assert.equal(own.identity.traits['email'], 'ada@example.org');
});

test('an unreadable session cookie does not stop a bearer token', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  for (const value of [
    'rubbish',
    '',
    '%00',
    'MTY5',
    `"${'x'.repeat(300)}"`,
    'é',
    'eyJhbGciOiJub25lIn0.e30.',
  ]) {
    const headers = { cookie: `${SESSION_COOKIE}=${value}`, authorization: `bearer ${app.token}` };
    const cookieHeader = Buffer.from(headers.cookie, 'utf8').toString('latin1');
    const answer = await server.ask('GET', '/sessions/whoami', {
      headers: { ...headers, cookie: cookieHeader },
    });
    assert.equal(answer.status, 200, value);
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
});

test('the token in X-Session-Token goes before the cookie, and the cookie before a bearer token', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const app = createNativeApp(server);
  await app.signUp('grace@example.org');
  const cookie = browser.cookies.header() ?? '';
  const who = async (headers: Readonly<Record<string, string>>) => {
    const answer = await server.ask('GET', '/sessions/whoami', { headers });
    return (await json<SessionJson>(answer)).identity.traits['email'];
  };
  assert.equal(await who({ cookie, 'x-session-token': app.token }), 'grace@example.org');
  assert.equal(await who({ cookie, authorization: `Bearer ${app.token}` }), 'ada@example.org');
  assert.equal(await who({ authorization: `bearer ${app.token}` }), 'grace@example.org');
});

test('a token that is wrong is not saved by another one that is right', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const headers = { 'x-session-token': 'ory_st_wrong', authorization: `Bearer ${app.token}` };
  assert.equal((await server.ask('GET', '/sessions/whoami', { headers })).status, 401);
});

test('a browser gets a new token with each sign-in, and the one before is worth nothing', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const before = browser.cookies.header() ?? '';
  await browser.open('/self-service/login/browser?refresh=true');
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.equal(await browser.isSignedIn(), true);
  assert.equal((await server.ask('GET', '/sessions/whoami', { headers: { cookie: before } })).status, 401);
});

test('a cookie that was changed by one letter is nobody’s', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const value = browser.cookies.all.get(SESSION_COOKIE) ?? '';
  for (const at of [0, 10, Math.floor(value.length / 2), value.length - 3]) {
    const changed = `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`;
    browser.cookies.set(SESSION_COOKIE, changed);
    assert.equal(await browser.isSignedIn(), false, `letter ${at}`);
  }
});

test('no fallback secret: without secrets, no other process can read what this one sealed', async (t) => {
  const dsn = `sqlite://${await temporaryFile(t, 'bia.sqlite')}`;
  const { secrets: _left, ...bare } = sharedConfig(dsn);
  const file = await temporaryFile(t, 'bia.json');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, JSON.stringify(bare));
  const [one, other] = [await startServer(t, { files: [file] }), await startServer(t, { files: [file] })];
  const browser = createBrowser(one);
  await browser.signUp('ada@example.org');
  assert.equal(await browser.isSignedIn(), true);
  const headers = { cookie: browser.cookies.header() ?? '' };
  assert.equal((await other.ask('GET', '/sessions/whoami', { headers })).status, 401);
});

test('a secret that was rotated out still opens cookies, and new ones are made with the new one', async (t) => {
  const dsn = `sqlite://${await temporaryFile(t, 'bia.sqlite')}`;
  const [old, next] = ['the secret of last year', 'the secret of this year'];
  const servers = [];
  for (const cookie of [[old], [next, old], [next]]) {
    servers.push(await startServer(t, { dsn, config: { secrets: { cookie } } }));
  }
  const [before, rotating, after] = servers;
  assert.ok(before && rotating && after);
  const browser = createBrowser(before);
  await browser.signUp('ada@example.org');
  const headers = { cookie: browser.cookies.header() ?? '' };
  const statusAt = async (server: typeof before) =>
    (await server.ask('GET', '/sessions/whoami', { headers })).status;
  assert.deepEqual(
    [await statusAt(before), await statusAt(rotating), await statusAt(after)],
    [200, 200, 401],
  );
  const fresh = createBrowser(rotating);
  await fresh.signIn('ada@example.org');
  const made = { cookie: fresh.cookies.header() ?? '' };
  assert.equal((await after.ask('GET', '/sessions/whoami', { headers: made })).status, 200);
});

test('a logout link ends its own session only', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const other = createBrowser(server);
  await other.signIn('ada@example.org');
  const { logout_token } = await json<{ logout_token: string }>(
    await browser.ask('GET', '/self-service/logout/browser'),
  );
  const page = createScriptedPage(server, other.cookies);
  for (const token of [logout_token, 'ory_lo_', '']) {
    const answer = await page.ask('GET', `/self-service/logout?token=${token}`);
    assert.equal(answer.status, token === '' ? 400 : 403);
  }
  assert.deepEqual([await browser.isSignedIn(), await other.isSignedIn()], [true, true]);
});

test('settings belong to the person who began them', async (t) => {
  const server = await startServer(t);
  const ada = createNativeApp(server);
  await ada.signUp('ada@example.org');
  const mallory = createNativeApp(server);
  await mallory.signUp('mallory@example.org');
  const flow = await ada.start('settings');
  const change = { method: 'password', password: OTHER_PASSWORD };
  for (const answer of [
    await mallory.send(flow, change),
    await mallory.ask('GET', `/self-service/settings/flows?id=${flow.id}`),
  ]) {
    assert.equal(answer.headers.get('ory-error-id'), 'security_identity_mismatch');
    assert.equal(answer.status, 403);
  }
  await createNativeApp(server).signIn('ada@example.org');
  await createNativeApp(server).signIn('mallory@example.org');
});

test('the second step of a native app without a second factor has an empty list of nodes', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  assert.deepEqual((await app.start('login', '?aal=aal2')).ui.nodes, []);
});

test('a second step without a first one is refused', async (t) => {
  const server = await startServer(t);
  const answer = await server.ask('GET', '/self-service/login/api?aal=aal2');
  assert.equal(answer.headers.get('ory-error-id'), 'session_aal1_required');
  assert.equal(answer.status, 401);
});

test('login hints name only methods that are on', async (t) => {
  const server = await startServer(t, {
    config: { selfservice: { flows: { registration: { login_hints: true } } } },
  });
  await createNativeApp(server).signUp('ada@example.org');
  const app = createNativeApp(server);
  const taken = { method: 'password', password: OTHER_PASSWORD, traits: { email: 'ada@example.org' } };
  const refused = await json<FlowJson>(await app.send(await app.start('registration'), taken), 400);
  assert.deepEqual(messageIds(refused), [4000028]);
  const [message] = refused.ui.messages ?? [];
  assert.deepEqual((message as unknown as { context: object }).context, {
    available_credential_types: ['password'],
    available_oidc_providers: [],
    credential_identifier_hint: 'ada@example.org',
  });
});

test('identifiers follow the schema in force', async (t) => {
  const { PERSON_SCHEMA, schemaUrl } = await import('../support/server.ts');
  const byName = JSON.parse(JSON.stringify(PERSON_SCHEMA));
  const { email, name } = byName.properties.traits.properties;
  name['ory.sh/kratos'] = { credentials: { password: { identifier: true } } };
  email['ory.sh/kratos'] = {};
  const schemas = [
    { id: 'person', url: schemaUrl(PERSON_SCHEMA) },
    { id: 'by-name', url: schemaUrl(byName) },
  ];
  const server = await startServer(t, { config: { identity: { schemas } } });
  const app = createNativeApp(server);
  const { identity } = await app.signUp('ada@example.org', { traits: { name: 'ada' } });
  const moved = await server.askAdmin('PUT', `/admin/identities/${identity?.id}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      schema_id: 'by-name',
      state: 'active',
      traits: { email: 'ada@example.org', name: 'ada' },
    }),
  });
  assert.equal(moved.status, 200, await moved.text());
  await createNativeApp(server).signIn('ada');
  const visitor = createNativeApp(server);
  const old = { method: 'password', identifier: 'ada@example.org', password: PASSWORD };
  assert.deepEqual(
    messageIds(await json(await visitor.send(await visitor.start('login'), old), 400)),
    [4000006],
  );
});
