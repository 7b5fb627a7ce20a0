// What else of mine is signed in, and ending it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CookieJar, createBrowser, SESSION_COOKIE } from '../support/browser.ts';
import { errorId, json, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { HOUR_MS, startServer, type TestScope, type TestServer } from '../support/server.ts';

/** A person with that many signed-in apps. */
async function appsOf(server: TestServer, email: string, count: number): Promise<readonly NativeApp[]> {
  const apps = Array.from({ length: count }, () => createNativeApp(server));
  for (const [index, app] of apps.entries()) {
    if (index === 0) await app.signUp(email);
    else await app.signIn(email);
    server.clock.advance(1000);
  }
  return apps;
}

async function threeApps(t: TestScope) {
  const server = await startServer(t);
  const [first, second, third] = await appsOf(server, 'ada@example.org', 3);
  assert.ok(first && second && third);
  return { server, first, second, third };
}

const statusOf = async (app: NativeApp): Promise<number> => (await app.ask('GET', '/sessions/whoami')).status;

test('one sees one’s other sessions, newest first, and nobody else’s', async (t) => {
  const { server, first, second, third } = await threeApps(t);
  await createNativeApp(server).signUp('grace@example.org');
  const answer = await first.ask('GET', '/sessions');
  const listed = await json<SessionJson[]>(answer);
  assert.deepEqual(
    listed.map(({ id }) => id),
    [(await third.whoami()).id, (await second.whoami()).id],
  );
  assert.equal(answer.headers.get('x-total-count'), '2');
  assert.equal(listed[0]?.identity.traits['email'], 'ada@example.org');
});

test('the list of sessions comes in pages', async (t) => {
  const server = await startServer(t);
  const [app] = await appsOf(server, 'ada@example.org', 6);
  assert.ok(app);
  const seen: string[] = [];
  for (const page of ['page=0&per_page=2', 'page=1&per_page=2', 'page=2&per_page=2']) {
    const answer = await app.ask('GET', `/sessions?${page}`);
    seen.push(...(await json<SessionJson[]>(answer)).map(({ id }) => id));
  }
  const all = await json<SessionJson[]>(await app.ask('GET', '/sessions'));
  assert.deepEqual(
    seen,
    all.map(({ id }) => id),
  );
  assert.equal(all.length, 5);
});

test('one ends one other session, and it is over at once', async (t) => {
  const { first, second, third } = await threeApps(t);
  const { id } = await second.whoami();
  assert.equal((await first.ask('DELETE', `/sessions/${id}`)).status, 204);
  assert.deepEqual([await statusOf(first), await statusOf(second), await statusOf(third)], [200, 401, 200]);
  assert.equal((await first.ask('DELETE', `/sessions/${id}`)).status, 204);
});

test('one ends all others and learns how many that were', async (t) => {
  const { first, second, third } = await threeApps(t);
  assert.deepEqual(await json(await first.ask('DELETE', '/sessions')), { count: 2 });
  assert.deepEqual([await statusOf(first), await statusOf(second), await statusOf(third)], [200, 401, 401]);
});

test('DELETE /sessions counts what it ended', async (t) => {
  const { first } = await threeApps(t);
  await first.ask('DELETE', '/sessions');
  assert.deepEqual(await json(await first.ask('DELETE', '/sessions')), { count: 0 });
});

test('a session of somebody else cannot be ended, and looks as if it did not exist', async (t) => {
  const { server, first } = await threeApps(t);
  const stranger = createNativeApp(server);
  await stranger.signUp('mallory@example.org');
  const { id } = await first.whoami();
  assert.equal((await stranger.ask('DELETE', `/sessions/${id}`)).status, 204);
  assert.equal(await statusOf(first), 200);
});

test('the session that asks cannot end itself, and ids that are none are refused', async (t) => {
  const { first } = await threeApps(t);
  const { id } = await first.whoami();
  await errorId(await first.ask('DELETE', `/sessions/${id}`), 400);
  await errorId(await first.ask('DELETE', '/sessions/none'), 400);
  assert.equal((await first.ask('GET', `/sessions/${id}`)).status, 405);
  assert.equal(await statusOf(first), 200);
});

test('nobody sees or ends anything without a session', async (t) => {
  const server = await startServer(t);
  for (const [method, path] of [
    ['GET', '/sessions'],
    ['DELETE', '/sessions'],
    ['DELETE', '/sessions/8f1bb3a4-5f2c-4f5e-9f6f-0d1d4d4a2a11'],
    ['GET', '/sessions/whoami'],
  ] as const) {
    assert.equal(await errorId(await server.ask(method, path), 401), '', `${method} ${path}`);
  }
});

test('a session ends by itself', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  server.clock.advance(24 * HOUR_MS - 1);
  assert.equal(await statusOf(app), 200);
  server.clock.advance(1);
  assert.equal(await statusOf(app), 401);
});

/** As administration does it; the row is what counts. */
async function extend(server: TestServer, cookies: CookieJar): Promise<void> {
  const cookie = cookies.header() ?? '';
  const { id } = await json<SessionJson>(
    await server.ask('GET', '/sessions/whoami', { headers: { cookie } }),
  );
  assert.equal((await server.askAdmin('PATCH', `/admin/sessions/${id}/extend`)).status, 200);
}

test('the cookie of an extended session is renewed at the next whoami, once', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  server.clock.advance(20 * HOUR_MS);
  await extend(server, browser.cookies);
  const before = browser.cookies.all.get(SESSION_COOKIE);
  const answer = await browser.ask('GET', '/sessions/whoami');
  assert.match(answer.headers.getSetCookie().join(), /Max-Age=86399/);
  assert.notEqual(browser.cookies.all.get(SESSION_COOKIE), before);
  assert.deepEqual((await browser.ask('GET', '/sessions/whoami')).headers.getSetCookie(), []);
  server.clock.advance(20 * HOUR_MS);
  assert.equal(await browser.isSignedIn(), true);
});

test('where a session comes from is kept: address and user agent', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server, { peer: { address: '198.51.100.7', port: 40_000 } });
  const flow = await app.start('registration');
  await server.ask('POST', flow.ui.action, {
    peer: { address: '198.51.100.7', port: 40_000 },
    headers: { 'content-type': 'application/json', 'user-agent': 'x'.repeat(900) },
    body: JSON.stringify({
      method: 'password',
      password: 'correct horse 7 battery',
      traits: { email: 'ada@example.org' },
    }),
  });
  await app.signIn('ada@example.org');
  const [other] = await json<SessionJson[]>(await app.ask('GET', '/sessions'));
  assert.equal(other?.devices[0]?.ip_address, '198.51.100.7:40000');
  assert.equal(other?.devices[0]?.user_agent?.length, 512);
});
