// The outbox's port: every event is claimed by one worker at a time, those of a stream in order, and none is lost.
import assert from 'node:assert/strict';
import { newIdentityId, newUuid } from '../../src/lib/ids.ts';
import type { ClaimedEvent, OutboxAttempt, OutboxEvent } from '../../src/outbox/event.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS } from '../support/databases.ts';
import { UNSTORABLE } from '../support/samples.ts';

const NOW_MS = START_MS;
const CLAIM = { nowMs: NOW_MS, leaseMs: 1_000, limit: 10, exceptTargets: [] };

const anEvent = (of: Partial<OutboxEvent> = {}): OutboxEvent => ({
  id: newUuid(),
  status: 'queued',
  kind: 'login.after',
  target: 'crm',
  stream: `crm ${newUuid()}`,
  flowId: newUuid(),
  hook: 'web_hook',
  sealedPayload: 'sealed',
  attempts: 0,
  nextAttemptAtMs: NOW_MS,
  createdAtMs: NOW_MS,
  queuedAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
  ...of,
});

const aTry = (eventId: string, of: Partial<OutboxAttempt> = {}): OutboxAttempt => ({
  id: newUuid(),
  eventId,
  outcome: 'delivered',
  tookMs: 3,
  atMs: NOW_MS + 1,
  ...of,
});

const idsOf = (claimed: readonly ClaimedEvent[]): readonly string[] => claimed.map(({ event }) => event.id);

onEachDatabase('an event comes back as it was queued', async ({ stores }) => {
  const event = anEvent({ identityId: newIdentityId() });
  await stores.outbox.insert(event);
  assert.deepEqual(await stores.outbox.find(event.id), { event, attempts: [] });
  for (const id of [newUuid(), ...UNSTORABLE]) assert.equal(await stores.outbox.find(id), undefined);
});

onEachDatabase(
  'of each stream the oldest is claimed, and the next when that is delivered',
  async ({ stores }) => {
    const [a1, a2, b1] = [anEvent({ stream: 'a' }), anEvent({ stream: 'a' }), anEvent({ stream: 'b' })];
    for (const event of [a1, a2, b1]) await stores.outbox.insert(event);
    const claimed = await stores.outbox.claim(CLAIM);
    assert.deepEqual(idsOf(claimed), [a1.id, b1.id]);
    assert.equal(claimed[0]?.event.attempts, 1);
    assert.deepEqual(idsOf(await stores.outbox.claim(CLAIM)), []);
    const settled = { eventId: a1.id, lease: claimed[0]?.lease ?? '', nextAttemptAtMs: NOW_MS + 50 };
    assert.ok(
      await stores.outbox.settle({
        ...settled,
        status: 'queued',
        attempt: aTry(a1.id, { outcome: 'http_503' }),
      }),
    );
    assert.deepEqual(idsOf(await stores.outbox.claim(CLAIM)), [], 'a2 was let past a1');
    const [again] = await stores.outbox.claim({ ...CLAIM, nowMs: NOW_MS + 50 });
    assert.equal(again?.event.id, a1.id);
    await stores.outbox.settle({
      ...settled,
      lease: again.lease,
      status: 'delivered',
      attempt: aTry(a1.id, { atMs: NOW_MS + 2 }),
    });
    assert.deepEqual(idsOf(await stores.outbox.claim({ ...CLAIM, nowMs: NOW_MS + 50 })), [a2.id]);
    const { attempts } = (await stores.outbox.find(a1.id)) ?? assert.fail();
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['http_503', 'delivered'],
    );
  },
);

onEachDatabase(
  'a worker that vanished loses no event, and changes nothing when it comes back',
  async ({ stores }) => {
    const event = anEvent();
    await stores.outbox.insert(event);
    const [first] = await stores.outbox.claim(CLAIM);
    assert.deepEqual(idsOf(await stores.outbox.claim({ ...CLAIM, nowMs: NOW_MS + 999 })), []);
    const [second] = await stores.outbox.claim({ ...CLAIM, nowMs: NOW_MS + 1_000 });
    assert.equal(second?.event.id, event.id);
    const late = {
      eventId: event.id,
      lease: first?.lease ?? '',
      nextAttemptAtMs: 0,
      attempt: aTry(event.id),
    };
    assert.equal(await stores.outbox.settle({ ...late, status: 'delivered' }), false);
    assert.deepEqual((await stores.outbox.find(event.id))?.attempts, []);
  },
);

onEachDatabase('targets that are left alone get nothing', async ({ stores }) => {
  const [one, other] = [anEvent({ target: 'one' }), anEvent({ target: 'other' })];
  for (const event of [one, other]) await stores.outbox.insert(event);
  assert.deepEqual(idsOf(await stores.outbox.claim({ ...CLAIM, exceptTargets: ['one', 'another'] })), [
    other.id,
  ]);
});

onEachDatabase('the next due time is that of what waits', async ({ stores }) => {
  assert.equal(await stores.outbox.nextDueAtMs(), undefined);
  await stores.outbox.insert(anEvent({ nextAttemptAtMs: NOW_MS + 7 }));
  await stores.outbox.insert(anEvent({ status: 'delivered', nextAttemptAtMs: NOW_MS }));
  assert.equal(await stores.outbox.nextDueAtMs(), NOW_MS + 7);
});

onEachDatabase('what is over is replayed by id or by filter, once', async ({ stores }) => {
  const identityId = newIdentityId();
  const events = [
    anEvent({ status: 'abandoned', identityId, attempts: 9 }),
    anEvent({ status: 'delivered', createdAtMs: NOW_MS + 5 }),
    anEvent({ status: 'delivered', target: 'other' }),
    anEvent({ status: 'queued', attempts: 2 }),
  ];
  for (const event of events) await stores.outbox.insert(event);
  const replay = { nowMs: NOW_MS + 10, limit: 10 };
  assert.equal(await stores.outbox.replay({ ...replay, status: 'abandoned' }), 1);
  assert.equal(await stores.outbox.replay({ ...replay, status: 'abandoned' }), 0);
  const replayed = (await stores.outbox.find(events[0]?.id ?? ''))?.event;
  assert.deepEqual([replayed?.status, replayed?.attempts, replayed?.queuedAtMs], ['queued', 0, NOW_MS + 10]);
  assert.equal(await stores.outbox.replay({ ...replay, status: 'delivered', sinceMs: NOW_MS + 5 }), 1);
  assert.equal(await stores.outbox.replay({ ...replay, id: events[2]?.id ?? '', target: 'crm' }), 0);
  assert.equal(await stores.outbox.replay({ ...replay, id: events[2]?.id ?? '' }), 1);
  for (const id of UNSTORABLE) assert.equal(await stores.outbox.replay({ ...replay, id }), 0);
});

onEachDatabase('events are listed newest first, by page and filter', async ({ stores }) => {
  const events = [1, 2, 3].map((n) => anEvent({ createdAtMs: NOW_MS + n, target: `t${n % 2}` }));
  for (const event of events) await stores.outbox.insert(event);
  const ids = [...events].reverse().map(({ id }) => id);
  assert.deepEqual(
    (await stores.outbox.list({ limit: 2 })).map(({ id }) => id),
    ids.slice(0, 2),
  );
  const after = { createdAtMs: NOW_MS + 2, id: ids[1] ?? '' };
  assert.deepEqual(
    (await stores.outbox.list({ limit: 2, after })).map(({ id }) => id),
    [ids[2]],
  );
  assert.equal((await stores.outbox.list({ limit: 9, target: 't1', untilMs: NOW_MS + 3 })).length, 1);
  for (const target of UNSTORABLE) assert.deepEqual(await stores.outbox.list({ limit: 9, target }), []);
});

onEachDatabase('only what is over grows old', async ({ stores }) => {
  const waiting = anEvent();
  for (const event of [waiting, anEvent({ status: 'delivered' }), anEvent({ status: 'abandoned' })]) {
    await stores.outbox.insert(event);
  }
  assert.equal(await stores.outbox.deleteSettledBefore(NOW_MS, 10), 0);
  assert.equal(await stores.outbox.deleteSettledBefore(NOW_MS + 1, 1), 1);
  assert.equal(await stores.outbox.deleteSettledBefore(NOW_MS + 1, 10), 1);
  assert.deepEqual(
    (await stores.outbox.list({ limit: 9 })).map(({ id }) => id),
    [waiting.id],
  );
});

onEachDatabase('an event is written with its transaction or not at all', async ({ database, stores }) => {
  const event = anEvent();
  await assert.rejects(
    database.transaction(async (inside) => {
      await inside.outbox.insert(event);
      throw new Error('taken back');
    }),
  );
  assert.equal(await stores.outbox.find(event.id), undefined);
});

onEachDatabase(
  'many workers share the events: each is claimed once',
  async (db) => {
    for (let n = 0; n < 40; n += 1) await db.stores.outbox.insert(anEvent({ stream: `s${n % 20}` }));
    const nodes = [db.open(), db.open(), db.open(), db.open()];
    const claims = await Promise.all(
      nodes.flatMap(({ stores }) => [1, 2, 3].map(() => stores.outbox.claim({ ...CLAIM, limit: 3 }))),
    );
    const ids = claims.flatMap(idsOf);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length <= 20, `${ids.length} of 20 streams`);
  },
  { on: SHARED_DATABASES },
);
