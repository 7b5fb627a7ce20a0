// The record of security events, as administrators read and export it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Admin, createAdmin, linkOf } from '../support/admin.ts';
import { json } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import {
  HOUR_MS,
  OTHER_PASSWORD,
  PASSWORD,
  START_MS,
  startServer,
  type TestServer,
} from '../support/server.ts';

const PATH = '/admin/security-events';

const listed = async (admin: Admin, query = ''): Promise<readonly JsonObject[]> => {
  const answer = await admin.get(`${PATH}${query}`);
  assert.equal(answer.status, 200);
  return answer.json<readonly JsonObject[]>();
};

const kindsOf = (events: readonly JsonObject[]): readonly unknown[] => events.map(({ kind }) => kind);

async function tryToSignIn(server: TestServer, password: string): Promise<void> {
  const app = createNativeApp(server, { peer: { address: '198.51.100.7', port: 1 } });
  const login = { method: 'password', identifier: 'ada@example.org', password };
  await json(await app.send(await app.start('login'), login), password === PASSWORD ? 200 : 400);
}

test('who did what, when and from where is read by person, kind and time', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const { identity, session } = await createNativeApp(server).signUp('ada@example.org');
  server.clock.advance(24 * HOUR_MS);
  await tryToSignIn(server, OTHER_PASSWORD);
  await tryToSignIn(server, PASSWORD);

  const [newest] = await listed(admin);
  assert.equal(newest?.['kind'], 'session.issued');
  assert.equal(newest?.['at'], new Date(START_MS + 24 * HOUR_MS).toISOString());
  assert.equal(newest?.['client_ip'], '198.51.100.7');
  assert.equal(newest?.['method'], 'password');
  assert.equal(newest?.['identity_id'], identity?.id);
  assert.deepEqual(kindsOf(await listed(admin, '?order=oldest&until=2030-01-02')), [
    'identity.created',
    'registration.succeeded',
    'session.issued',
  ]);
  assert.deepEqual(kindsOf(await listed(admin, '?since=2030-01-02T00:00:00Z')), [
    'session.issued',
    'login.succeeded',
    'login.refused',
  ]);
  assert.deepEqual(kindsOf(await listed(admin, '?kind=login.refused&kind=identity.created')), [
    'login.refused',
    'identity.created',
  ]);
  assert.equal((await listed(admin, `?identity_id=${identity?.id}&kind=session.issued`)).length, 2);
  assert.deepEqual(
    (await listed(admin, `?session_id=${session?.id}&kind=session.issued`)).map(
      ({ session_id }) => session_id,
    ),
    [session?.id],
  );
  const refused = await listed(admin, '?kind=login.refused');
  assert.equal(refused[0]?.['reason'], '4000006');
});

test('pages follow each other by links that keep the filters', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  for (let index = 0; index < 7; index += 1) await admin.create(`p${index}@example.org`);
  const seen: unknown[] = [];
  let path: string | undefined = `${PATH}?kind=identity.created&page_size=3`;
  for (; path !== undefined; ) {
    const answer = await admin.get(path);
    seen.push(...answer.json<readonly JsonObject[]>().map(({ id }) => id));
    path = linkOf(answer, 'next');
  }
  assert.equal(new Set(seen).size, 7);
  assert.equal(seen.length, 7);
});

test('what no event can have is refused', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const queries = ['kind=login', 'identity_id=ada', 'session_id=1', 'since=yesterday', 'until=2030-13-01'];
  for (const query of [...queries, 'order=random', 'page_token=x', 'page_size=many']) {
    assert.equal((await admin.get(`${PATH}?${query}`)).status, 400, query);
  }
});

test('nothing that people type or are sent is among what administrators read', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  await tryToSignIn(server, 'a password of another site');
  const text = JSON.stringify(await listed(createAdmin(server)));
  for (const secret of ['ada@example.org', 'another site', PASSWORD])
    assert.ok(!text.includes(secret), secret);
});

test('strangers do not reach it', async (t) => {
  const server = await startServer(t);
  assert.notEqual((await server.ask('GET', PATH)).status, 200);
});
