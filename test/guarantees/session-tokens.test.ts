// Which token of a request counts, and what tokens and cookies are worth when they were changed or copied.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createBrowser, createScriptedPage, SESSION_COOKIE } from '../support/browser.ts';
import { json, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { sharedConfig, startServer, temporaryFile } from '../support/server.ts';

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
