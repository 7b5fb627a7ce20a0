// An administrator looks at sessions, ends, extends and removes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/lib/json.ts';
import { createAdmin, linkOf } from '../support/admin.ts';
import type { SessionJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { HOUR_MS, MINUTE_MS, startServer } from '../support/server.ts';

const NOBODY = '2f9a3e8c-8f43-4f1e-9f1e-111111111111';
const DAY_MS = 24 * HOUR_MS;

test('an ended session is kept, and its token is worth nothing', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const admin = createAdmin(server);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const session = await app.whoami();
  const at = `/admin/sessions/${session.id}`;
  assert.equal((await admin.get(at)).json<SessionJson>().active, true);
  assert.equal((await admin.delete(at)).status, 204);
  assert.equal((await admin.delete(at)).status, 204);
  assert.equal((await admin.get(at)).json<SessionJson>().active, false);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
  const events = server.rows(`select session_id from security_events where kind = 'session.revoked'`);
  assert.deepEqual(
    events.map(({ session_id }) => session_id),
    [session.id],
  );
});

test('a session is extended to a full lifespan from now', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const admin = createAdmin(server);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const session = await app.whoami();
  server.clock.advance(HOUR_MS);
  const answer = await admin.patch(`/admin/sessions/${session.id}/extend`);
  assert.equal(answer.status, 200);
  const { expires_at } = answer.json<SessionJson>();
  assert.equal(Date.parse(expires_at) - Date.parse(session.expires_at), HOUR_MS);
  const events = server.rows(`select session_id from security_events where kind = 'session.extended'`);
  assert.deepEqual(
    events.map(({ session_id }) => session_id),
    [session.id],
  );
});

test('a session that has ended stays ended: an extension does not bring it back', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const session = await app.whoami();
  server.clock.advance(DAY_MS + MINUTE_MS);
  const answer = await admin.patch(`/admin/sessions/${session.id}/extend`);
  assert.deepEqual([answer.status, answer.json<SessionJson>().expires_at], [200, session.expires_at]);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
});

test('an identity is signed out everywhere', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const [one, two] = [createNativeApp(server), createNativeApp(server)];
  await one.signUp('ada@example.org');
  const session = await one.whoami();
  await two.signIn('ada@example.org');
  const at = `/admin/identities/${session.identity.id}/sessions`;
  const listed = await admin.get(at);
  assert.deepEqual([listed.json<unknown[]>().length, listed.headers.get('x-total-count')], [2, '2']);
  assert.equal((await admin.delete(at)).status, 204);
  for (const app of [one, two]) assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
  assert.equal((await admin.delete(at)).status, 404);
  assert.deepEqual((await admin.get(at)).json(), []);
});

test('active and ended sessions are told apart, and pages visit each one once', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const signIn = async (act: 'signUp' | 'signIn'): Promise<string> => {
    const app = createNativeApp(server);
    await app[act]('ada@example.org');
    return (await app.whoami()).id;
  };
  const ids = [await signIn('signUp')];
  for (let index = 0; index < 4; index += 1) {
    // Some at the same moment: the id decides between those.
    if (index % 2 === 0) server.clock.advance(MINUTE_MS);
    ids.push(await signIn('signIn'));
  }
  const [ended] = ids;
  await admin.delete(`/admin/sessions/${ended}`);
  const list = async (query: string) =>
    (await admin.get(`/admin/sessions?${query}`)).json<readonly SessionJson[]>();
  assert.deepEqual(
    (await list('active=false')).map(({ id }) => id),
    [ended],
  );
  assert.equal((await list('active=true')).length, 4);
  const seen: string[] = [];
  let at: string | undefined = '/admin/sessions?page_size=2';
  while (at !== undefined) {
    const page = await admin.get(at);
    seen.push(...page.json<readonly SessionJson[]>().map(({ id }) => id));
    at = linkOf(page, 'next');
  }
  assert.deepEqual([...seen].sort(), [...ids].sort());
  assert.equal(seen.at(-1), ended);
});

test('many sessions are ended or removed in one call, and counted', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const people = [];
  for (const name of ['ada', 'eve', 'bob']) {
    const app = createNativeApp(server);
    await app.signUp(`${name}@example.org`);
    people.push(await app.whoami());
  }
  const [ada, eve] = people;
  const call = async (body: Json) => (await admin.post('/admin/sessions', body)).json();
  const sessions = [ada?.id ?? '', eve?.id ?? '', NOBODY];
  assert.deepEqual(await call({ action: 'disable', sessions }), { processed: 2, more: false });
  assert.deepEqual(await call({ action: 'disable', sessions }), { processed: 0, more: false });
  const identities = [ada?.identity.id ?? ''];
  assert.deepEqual(await call({ action: 'delete', identities }), { processed: 1, more: false });
  assert.deepEqual(await call({ action: 'disable', identities: ['*'] }), { processed: 1, more: false });
  assert.deepEqual(await call({ action: 'delete', identities: ['*'], sessions: null }), {
    processed: 2,
    more: false,
  });
  assert.deepEqual((await admin.get('/admin/sessions')).json(), []);
});

const BAD_CALLS: readonly Json[] = [
  {},
  [],
  null,
  { action: 'archive', sessions: [NOBODY] },
  { action: 'disable' },
  { action: 'disable', sessions: [], identities: [] },
  { action: 'disable', sessions: [NOBODY], identities: [NOBODY] },
  { action: 'disable', sessions: ['*'] },
  { action: 'delete', identities: ['*', NOBODY] },
  { action: 'delete', sessions: ['x'] },
  { action: 'delete', sessions: [7] },
  { action: 'delete', sessions: NOBODY },
  { action: 'delete', sessions: Array.from({ length: 501 }, () => crypto.randomUUID()) },
];
const BAD_PATHS = [
  '/admin/sessions?active=perhaps',
  '/admin/sessions?expand=token',
  '/admin/sessions?page_size=many',
  '/admin/sessions?page_token=garbage',
  '/admin/sessions/not-a-uuid',
  `/admin/sessions/${NOBODY}?expand=everything`,
  '/admin/identities/not-a-uuid/sessions',
  `/admin/identities/${NOBODY}/sessions?active=maybe`,
];
test('calls and parameters that make no sense are refused with 400, and end no session', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  for (const body of BAD_CALLS) {
    const refused = await admin.post('/admin/sessions', body);
    assert.deepEqual([refused.status, refused.error().code], [400, 400], JSON.stringify(body).slice(0, 80));
  }
  for (const path of BAD_PATHS) {
    const refused = await admin.get(path);
    assert.deepEqual([refused.status, refused.error().code], [400, 400], path);
  }
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 200);
});
