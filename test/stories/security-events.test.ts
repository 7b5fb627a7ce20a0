// What happened to an account can be read afterwards: each act is written down in the same unit of work as the act.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { json } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { OTHER_PASSWORD, PASSWORD, startServer, type TestServer } from '../support/server.ts';

function kinds(server: TestServer): readonly unknown[] {
  return server.rows('select kind from security_events order by position').map(({ kind }) => kind);
}

test('signing up, a change, a refusal, signing in and out leave their traces in order', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const app = createNativeApp(server, { peer: { address: '198.51.100.7', port: 1 } });
  const { identity, session } = await app.signUp('ada@example.org');
  await json(await app.send(await app.start('settings'), { method: 'password', password: OTHER_PASSWORD }));
  await app.ask('DELETE', '/self-service/logout/api', { session_token: app.token });
  app.token = '';
  const login = { method: 'password', identifier: 'ada@example.org', password: PASSWORD };
  await json(await app.send(await app.start('login'), login), 400);
  await app.signIn('ada@example.org', { password: OTHER_PASSWORD });
  assert.deepEqual(kinds(server), [
    'identity.created',
    'registration.succeeded',
    'session.issued',
    'credential.changed',
    'settings.succeeded',
    'session.revoked',
    'login.refused',
    'login.succeeded',
    'session.issued',
  ]);
  const [, , issued] = server.rows('select * from security_events order by position');
  assert.equal(issued?.['identity_id'], identity?.id);
  assert.equal(issued?.['session_id'], session?.id);
  assert.equal(issued?.['at'], server.clock.nowMs());
  const body = JSON.parse(String(issued?.['body']));
  assert.equal(body.method, 'password');
  assert.equal(body.clientIp, '198.51.100.7');
});

test('a refusal keeps ids and nothing that was typed', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const browser = createBrowser(server);
  await browser.signIn('typed-by-somebody@example.org', 'typed-by-somebody');
  const [refused] = server.rows("select body from security_events where kind = 'login.refused'");
  assert.equal(JSON.parse(String(refused?.['body'])).reason, '4000006');
  assert.ok(!String(refused?.['body']).includes('typed'));
});

test('an act that fails leaves no event of success', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  await createNativeApp(server).signUp('ada@example.org');
  const before = kinds(server);
  const app = createNativeApp(server);
  const taken = { method: 'password', password: PASSWORD, traits: { email: 'ada@example.org' } };
  await json(await app.send(await app.start('registration'), taken), 400);
  assert.deepEqual(kinds(server), [...before, 'registration.refused']);
});

test('where the event cannot be written, the act does not happen', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  await assert.rejects(
    server.bia.database.transaction(async (stores) => {
      await stores.flows.consume(flow.id as Parameters<typeof stores.flows.consume>[0]); // it came from the server
      await stores.events.append({ kind: 'login.succeeded', atMs: Number.NaN });
    }),
  );
  await json(
    await app.send(flow, { method: 'password', password: PASSWORD, traits: { email: 'ada@example.org' } }),
  );
});

test('ending sessions says how many, and ending none says nothing', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  await createNativeApp(server).signIn('ada@example.org');
  await app.ask('DELETE', '/sessions');
  await app.ask('DELETE', '/sessions');
  const revoked = server.rows("select body from security_events where kind = 'session.revoked'");
  assert.equal(revoked.length, 1);
  assert.deepEqual(JSON.parse(String(revoked[0]?.['body'])).details, { count: 1 });
});
