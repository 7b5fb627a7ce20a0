// Events of hooks are never lost: each arrives at least once, in order per person, and nobody who signs in waits for it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createAdmin } from '../support/admin.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { createNativeApp } from '../support/native-app.ts';
import { MINUTE_MS, PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { jsonnet, type Sink, startSink, until } from '../support/sink.ts';

const BODY = jsonnet('function(ctx) { who: ctx.identity.traits.email, n: ctx.flow.transient_payload.n }');

/** A hook that announces sign-ins to the sink. */
const hookFor = (sink: Sink, of: JsonObject = {}): JsonObject => ({
  hook: 'web_hook',
  config: { url: `${sink.origin}/in`, method: 'POST', body: BODY, response: { ignore: true }, ...of },
});

const announcing = (hooks: readonly JsonObject[], of: JsonObject = {}): JsonObject => ({
  'watch-courier': true,
  courier: { worker: { pull_wait: '10ms' } },
  selfservice: { flows: { login: { after: { password: { hooks } } } } },
  ...of,
});

const emailOf = (person: number): string => `person${person}@example.org`;

async function signIn(server: TestServer, person: number, n: number): Promise<number> {
  const app = createNativeApp(server);
  const flow = await app.start('login');
  const startedAtMs = performance.now();
  const answer = await app.send(flow, {
    method: 'password',
    identifier: emailOf(person),
    password: PASSWORD,
    transient_payload: { n },
  });
  assert.equal(answer.status, 200);
  return performance.now() - startedAtMs;
}

const waitingOf = async ({ bia }: TestServer): Promise<number> => {
  const { outbox } = bia.database.stores;
  const lists = await Promise.all(
    (['queued', 'sending'] as const).map((status) => outbox.list({ status, limit: 500 })),
  );
  return lists.flat().length;
};

/** A generator of the same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const PEOPLE = 5;
const SIGN_INS = 6;

for (const name of SHARED_DATABASES) {
  test(`a service that is down for an hour, slow and failing at random gets every event, in order per person [${name}]`, async (t) => {
    const database = await freshDatabase(name);
    t.after(() => database.remove());
    const sink = await startSink(t);
    const config = announcing([hookFor(sink)]);
    // Two nodes deliver at the same time.
    const nodes = [
      await startServer(t, { dsn: database.dsn, config, logLevel: 'fatal' }),
      await startServer(t, { dsn: database.dsn, config, logLevel: 'fatal' }),
    ];
    const [server] = nodes;
    assert.ok(server);
    const advance = (ms: number): void => {
      for (const { clock } of nodes) clock.advance(ms);
    };
    for (let person = 0; person < PEOPLE; person += 1) await createNativeApp(server).signUp(emailOf(person));

    const random = seeded(7);
    const downUntilMs = server.clock.nowMs() + 60 * MINUTE_MS;
    /** By person: the numbers that the service took, in the order in which it took them. */
    const taken = new Map<string, number[]>();
    const ids = new Set<string>();
    sink.answer = (call) => {
      if (server.clock.nowMs() < downUntilMs) return random() < 0.5 ? { isCut: true } : { status: 503 };
      if (random() < 0.3) return random() < 0.5 ? { status: 500, delayMs: 20 } : { isCut: true, delayMs: 20 };
      const { who, n } = call.json();
      taken.set(String(who), [...(taken.get(String(who)) ?? []), Number(n)]);
      ids.add(String(call.headers['webhook-id']));
      // Taken, but the answer is lost: it comes again.
      return random() < 0.2 ? { isCut: true } : { status: 204, delayMs: 10 };
    };

    for (let n = 0; n < SIGN_INS; n += 1) {
      for (let person = 0; person < PEOPLE; person += 1) {
        const tookMs = await signIn(nodes[n % 2] ?? server, person, n);
        assert.ok(tookMs < 5_000, `a sign-in took ${tookMs} ms`);
      }
      advance(10 * MINUTE_MS);
    }
    let rounds = 0;
    await until(async () => {
      rounds += 1;
      if (rounds % 2 === 0) advance(MINUTE_MS);
      return (await waitingOf(server)) === 0;
    }, 'the delivery of all events');

    for (let person = 0; person < PEOPLE; person += 1) {
      const got = taken.get(emailOf(person)) ?? [];
      const first = got.filter((n, at) => got.indexOf(n) === at);
      assert.deepEqual(first, [0, 1, 2, 3, 4, 5], `${emailOf(person)}: ${got.join(' ')}`);
      assert.deepEqual(
        got,
        [...got].sort((a, b) => a - b),
        'a later event came before an earlier one',
      );
    }
    assert.equal(ids.size, PEOPLE * SIGN_INS, 'an event has one id, however often it comes');
  });
}

/** A sink that never answers, until the test ends. */
async function startHanging(t: TestContext): Promise<Sink> {
  const sink = await startSink(t);
  sink.answer = () => ({ delayMs: 60_000 });
  return sink;
}

test('nobody waits for a service that hangs, and the others get their events', async (t) => {
  const hanging = await startHanging(t);
  const healthy = await startSink(t);
  const config = announcing([hookFor(hanging), hookFor(healthy)]);
  const server = await startServer(t, { logLevel: 'fatal', config });
  const people = 30;
  for (let person = 0; person < people; person += 1) await createNativeApp(server).signUp(emailOf(person));
  for (let person = 0; person < people; person += 1) await signIn(server, person, 0);
  await healthy.wait(people);
  assert.ok(hanging.calls.length <= 8, `${hanging.calls.length} calls hang`);
});

test('an event is written with the sign-in or not at all', async (t) => {
  const sink = await startSink(t);
  const config = announcing([hookFor(sink)], { 'watch-courier': false });
  const server = await startServer(t, { config });
  await createNativeApp(server).signUp(emailOf(0));
  const app = createNativeApp(server);
  const wrong = await app.send(await app.start('login'), {
    method: 'password',
    identifier: emailOf(0),
    password: 'wrong',
    transient_payload: { n: 1 },
  });
  assert.equal(wrong.status, 400);
  assert.equal(await waitingOf(server), 0);
  await signIn(server, 0, 1);
  assert.equal(await waitingOf(server), 1);
  assert.equal(sink.calls.length, 0);
});

test('what a service never takes is given up after three days, shown with every try, and replayed', async (t) => {
  const sink = await startSink(t);
  sink.answer = () => ({ status: 410 });
  const server = await startServer(t, {
    config: announcing([hookFor(sink, { id: 'crm' })]),
    logLevel: 'fatal',
  });
  await createNativeApp(server).signUp(emailOf(0));
  await signIn(server, 0, 1);
  await sink.wait(1);
  const admin = createAdmin(server);
  const list = async (query: string): Promise<readonly JsonObject[]> =>
    (await admin.get(`/admin/hook-events${query}`)).json<readonly JsonObject[]>();
  await until(async () => (await list('?status=queued')).length === 1, 'the first failure');
  server.clock.advance(72 * 60 * MINUTE_MS);
  await until(async () => (await list('?status=abandoned')).length === 1, 'giving up');
  const [event] = await list('?target=crm');
  assert.deepEqual([event?.['kind'], event?.['target'], event?.['attempts']], ['login.after', 'crm', 2]);
  const shown = await admin.get(`/admin/hook-events/${String(event?.['id'])}`);
  const tries = shown.json<{ readonly tries: readonly JsonObject[] }>().tries;
  assert.deepEqual(
    tries.map(({ outcome }) => outcome),
    ['http_410', 'http_410'],
  );
  sink.answer = () => ({ status: 204 });
  const replayed = await admin.post('/admin/hook-events/replay', {});
  assert.deepEqual(replayed.json(), { replayed: 1 });
  await until(async () => (await list('?status=delivered')).length === 1, 'the replay');
  const ids = new Set(sink.calls.map(({ headers }) => headers['webhook-id']));
  assert.deepEqual([...ids], [event?.['id']]);
});

test('an event waits until its body can be made', async (t) => {
  const sink = await startSink(t);
  let isThere = false;
  sink.answer = ({ path }) => {
    if (path !== '/body') return {};
    return isThere ? { json: { fixed: true } } : { status: 404 };
  };
  const server = await startServer(t, {
    config: announcing([hookFor(sink, { body: `${sink.origin}/body` })]),
    logLevel: 'fatal',
  });
  await createNativeApp(server).signUp(emailOf(0));
  await signIn(server, 0, 1);
  await sink.wait(1);
  isThere = true;
  const delivered = (): boolean => sink.calls.some(({ path }) => path === '/in');
  await until(() => {
    server.clock.advance(MINUTE_MS);
    return delivered();
  }, 'the delivery');
  assert.deepEqual(sink.calls.find(({ path }) => path === '/in')?.json(), { fixed: true });
});

test('the database shows nothing of what an event says', async (t) => {
  const sink = await startSink(t);
  const auth = { type: 'basic_auth', config: { user: 'u', password: 'hush-hush' } };
  const config = announcing([hookFor(sink, { auth })], { 'watch-courier': false });
  const server = await startServer(t, { config, isOnDisk: true });
  await createNativeApp(server).signUp(emailOf(0));
  await signIn(server, 0, 1);
  const [row] = server.rows('select * from outbox_events');
  const text = JSON.stringify(row);
  for (const secret of ['hush-hush', emailOf(0)]) assert.ok(!text.includes(secret), secret);
  assert.ok(text.includes('login.after'));
});

test('a filter of events that makes no sense is refused', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  for (const query of ['status=lost', 'since=yesterday', 'page_token=made-up']) {
    assert.equal((await admin.get(`/admin/hook-events?${query}`)).status, 400, query);
  }
  assert.equal((await admin.get('/admin/hook-events/nobody')).status, 400);
  assert.equal((await admin.get(`/admin/hook-events/${crypto.randomUUID()}`)).status, 404);
  assert.equal((await admin.post(`/admin/hook-events/${crypto.randomUUID()}/replay`, {})).status, 404);
  for (const body of [{ status: 'queued' }, { since: 'yesterday' }, { all: true }, []]) {
    assert.equal((await admin.post('/admin/hook-events/replay', body)).status, 400, JSON.stringify(body));
  }
});

test('a server that does not deliver says at its start that events wait, if any hook makes some', async (t) => {
  const sink = await startSink(t);
  const warning = /events of hooks with response\.ignore wait/;
  const without = { 'watch-courier': false };
  const waiting = await startServer(t, { config: announcing([hookFor(sink)], without) });
  assert.match(waiting.logged.join(''), warning);
  const delivering = await startServer(t, { config: announcing([hookFor(sink)]) });
  assert.doesNotMatch(delivering.logged.join(''), warning);
  const answered = hookFor(sink, { response: { ignore: false } });
  const asking = await startServer(t, { config: announcing([answered], without) });
  assert.doesNotMatch(asking.logged.join(''), warning);
});
