// What holds for every session, whatever somebody sends. SECURITY.md and docs/differences.md name these tests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage, SESSION_COOKIE } from '../support/browser.ts';
import { json, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { HOUR_MS, PASSWORD, startServer } from '../support/server.ts';

test('a credential only ever renews itself: a token in a header sets no cookie', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const app = createNativeApp(server);
  const { session } = await app.signUp('grace@example.org');
  const before = browser.cookies.all.get(SESSION_COOKIE);
  server.clock.advance(12 * HOUR_MS);
  const extended = await server.askAdmin('PATCH', `/admin/sessions/${session?.id}/extend`);
  assert.ok(extended.ok);
  const answer = await browser.ask('GET', '/sessions/whoami', { headers: { 'x-session-token': app.token } });
  assert.equal((await json<SessionJson>(answer)).identity.traits['email'], 'grace@example.org');
  assert.equal(browser.cookies.all.get(SESSION_COOKIE), before);
  assert.deepEqual(
    answer.headers.getSetCookie().filter((line) => line.startsWith(SESSION_COOKIE)),
    [],
  );
});

test('an unreadable session cookie does not stand in the way of a bearer token', async (t) => {
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

test('a browser gets another session token at each proof, and the old one is worth nothing', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const old = browser.cookies.all.get(SESSION_COOKIE) ?? '';
  await browser.open('/self-service/login/browser?refresh=true');
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.notEqual(browser.cookies.all.get(SESSION_COOKIE), old);
  assert.equal(await browser.isSignedIn(), true);
  const thief = await server.ask('GET', '/sessions/whoami', {
    headers: { cookie: `${SESSION_COOKIE}=${old}` },
  });
  assert.equal(thief.status, 401);
});

test('ending all other sessions counts those that it ended', async (t) => {
  const server = await startServer(t);
  const first = createNativeApp(server);
  await first.signUp('ada@example.org');
  const others = [createNativeApp(server), createNativeApp(server)];
  for (const other of others) await other.signIn('ada@example.org');
  const stranger = createNativeApp(server);
  await stranger.signUp('grace@example.org');
  const count = async () => (await json<{ count: number }>(await first.ask('DELETE', '/sessions'))).count;
  assert.deepEqual([await count(), await count()], [2, 0]);
  for (const other of others) assert.equal((await other.ask('GET', '/sessions/whoami')).status, 401);
  for (const kept of [first, stranger]) assert.equal((await kept.ask('GET', '/sessions/whoami')).status, 200);
});

test('nobody ends the session of somebody else', async (t) => {
  const server = await startServer(t);
  const [ada, grace] = [createNativeApp(server), createNativeApp(server)];
  await ada.signUp('ada@example.org');
  const { session } = await grace.signUp('grace@example.org');
  await ada.ask('DELETE', `/sessions/${session?.id}`);
  assert.equal((await grace.ask('GET', '/sessions/whoami')).status, 200);
});

test('a link that signs out works in the browser that asked for it, and in no other', async (t) => {
  const server = await startServer(t);
  const [ada, grace] = [createScriptedPage(server), createScriptedPage(server)];
  for (const [page, email] of [
    [ada, 'ada@example.org'],
    [grace, 'grace@example.org'],
  ] as const) {
    const flow = await page.start('registration');
    await page.send(flow, { method: 'password', password: PASSWORD, traits: { email } });
  }
  const { logout_token } = await json<{ logout_token: string }>(
    await ada.ask('GET', '/self-service/logout/browser'),
  );
  const wrong = await grace.ask('GET', `/self-service/logout?token=${logout_token}`);
  assert.equal(wrong.status, 403);
  for (const page of [ada, grace]) assert.equal((await page.ask('GET', '/sessions/whoami')).status, 200);
});

test('a session ends when its time is over', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  server.clock.advance(24 * HOUR_MS - 1);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 200);
  server.clock.advance(1);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
});
