// An administrator disables an account: its person can do nothing any more, anywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { json, messageIds, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { OTHER_PASSWORD, PASSWORD, startServer, type TestServer } from '../support/server.ts';

async function setState(server: TestServer, id: string, state: 'active' | 'inactive'): Promise<void> {
  const answer = await server.askAdmin('PATCH', `/admin/identities/${id}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ op: 'replace', path: '/state', value: state }]),
  });
  assert.equal(answer.status, 200, await answer.text());
}

test('no session of a disabled identity is accepted anywhere', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const { identity } = await app.signUp('ada@example.org');
  const other = createNativeApp(server);
  const { session } = await other.signIn('ada@example.org');
  const settings = await app.start('settings');
  await setState(server, identity?.id ?? '', 'inactive');
  const token = app.token;
  for (const [method, path, body] of [
    ['GET', '/sessions/whoami'],
    ['GET', '/sessions'],
    ['DELETE', '/sessions'],
    ['DELETE', `/sessions/${session?.id}`],
    ['GET', '/self-service/settings/api'],
    ['GET', `/self-service/settings/flows?id=${settings.id}`],
    ['POST', `/self-service/settings?flow=${settings.id}`, { method: 'password', password: OTHER_PASSWORD }],
    ['GET', '/self-service/logout/browser'],
    ['GET', '/self-service/login/api?aal=aal2'],
  ] as const) {
    const answer = await app.ask(method, path, body);
    assert.equal(answer.status, 401, `${method} ${path}`);
  }
  const bearer = await server.ask('GET', '/sessions/whoami', {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(bearer.status, 401);
});

test('a browser of a disabled account counts as signed out', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const { identity } = await json<SessionJson>(await browser.ask('GET', '/sessions/whoami'));
  await setState(server, identity.id, 'inactive');
  assert.equal(await browser.isSignedIn(), false);
  await browser.open('/self-service/settings/browser');
  assert.match(browser.at(), /\/login\?flow=/);
});

test('a disabled account cannot sign in, and is told so only with the right password', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const { identity } = await app.signUp('ada@example.org');
  await setState(server, identity?.id ?? '', 'inactive');
  const login = async (password: string) => {
    const visitor = createNativeApp(server);
    const body = { method: 'password', identifier: 'ada@example.org', password };
    return messageIds(await json(await visitor.send(await visitor.start('login'), body), 400));
  };
  assert.deepEqual(await login(PASSWORD), [4010011]);
  assert.deepEqual(await login(OTHER_PASSWORD), [4000006]);
});

test('an account that is enabled again works again', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const { identity } = await app.signUp('ada@example.org');
  await setState(server, identity?.id ?? '', 'inactive');
  await setState(server, identity?.id ?? '', 'active');
  await createNativeApp(server).signIn('ada@example.org');
});
