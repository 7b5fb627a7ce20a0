// The port of security events: written once, with the act itself, and announced once it is durable.
import assert from 'node:assert/strict';
import type { EventQuery, SecurityEvent } from '../../src/event/event.ts';
import { newFlowId, newIdentityId, newSessionId } from '../../src/lib/ids.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS } from '../support/databases.ts';
import { aPerson } from '../support/samples.ts';

const event: SecurityEvent = {
  kind: 'login.succeeded',
  atMs: START_MS,
  identityId: newIdentityId(),
  sessionId: newSessionId(),
  flowId: newFlowId(),
  method: 'password',
  clientIp: '192.0.2.1',
  requestId: 'request-1',
  details: { list: [null, 'a \u0000 \ud800'] },
};

onEachDatabase(
  'every field of an event is stored',
  async ({ stores, raw }) => {
    await stores.events.append(event);
    await stores.events.append({ kind: 'login.refused', atMs: START_MS + 1, reason: '4000006' });
    const rows = await raw(
      'select kind, at, identity_id, session_id, flow_id, body from security_events order by position',
    );
    const { kind, atMs, identityId, sessionId, flowId, ...body } = event;
    const plain = rows.map((row) => ({
      ...row,
      at: Number(row['at']),
      body: JSON.parse(String(row['body'])),
    }));
    assert.deepEqual(plain, [
      { kind, at: atMs, identity_id: identityId, session_id: sessionId, flow_id: flowId, body },
      {
        kind: 'login.refused',
        at: START_MS + 1,
        identity_id: null,
        session_id: null,
        flow_id: null,
        body: { reason: '4000006' },
      },
    ]);
  },
  { on: SHARED_DATABASES },
);

onEachDatabase(
  'events outlive the identity they tell of',
  async ({ stores, raw }) => {
    const person = aPerson('ada@example.com');
    await stores.identities.insert(person);
    await stores.events.append({ kind: 'identity.created', atMs: START_MS, identityId: person.id });
    await stores.identities.delete(person.id);
    assert.deepEqual(
      (await raw('select identity_id from security_events')).map((row) => row['identity_id']),
      [person.id],
    );
  },
  { on: SHARED_DATABASES },
);

onEachDatabase('an event is announced when it is stored', async ({ stores, events }) => {
  await stores.events.append(event);
  assert.deepEqual(events, [event]);
});

onEachDatabase('events of a transaction are announced after it, those of a failed one never', async (db) => {
  const { database, events } = db;
  await database.transaction(async (stores) => {
    await stores.events.append(event);
    await stores.events.append({ ...event, kind: 'session.issued' });
    assert.deepEqual(events, []);
  });
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['login.succeeded', 'session.issued'],
  );
  const failing = database.transaction(async (stores) => {
    await stores.events.append({ ...event, kind: 'session.revoked' });
    throw new Error('vetoed');
  });
  await assert.rejects(failing, /vetoed/);
  assert.equal(events.length, 2);
});

onEachDatabase('events are listed by every filter, in both orders, page by page', async ({ stores }) => {
  const [ada, bob] = [newIdentityId(), newIdentityId()];
  const session = newSessionId();
  const kinds = ['login.succeeded', 'session.issued', 'login.refused'] as const;
  for (let index = 0; index < 12; index += 1) {
    await stores.events.append({
      kind: kinds[index % 3] ?? 'login.refused',
      // Four events in each moment: their place tells them apart.
      atMs: START_MS + Math.floor(index / 4),
      identityId: index % 2 === 0 ? ada : bob,
      ...(index === 5 ? { sessionId: session } : {}),
      details: { index },
    });
  }
  const listed = async (query: Partial<EventQuery>): Promise<readonly unknown[]> =>
    (await stores.events.list({ order: 'oldest', limit: 100, ...query })).map(
      ({ details }) => details?.['index'],
    );
  assert.deepEqual(await listed({}), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(await listed({ order: 'newest', limit: 3 }), [11, 10, 9]);
  assert.deepEqual(await listed({ kinds: ['login.refused'] }), [2, 5, 8, 11]);
  assert.deepEqual(
    await listed({ kinds: ['login.refused', 'session.issued'], identityId: bob }),
    [1, 5, 7, 11],
  );
  assert.deepEqual(await listed({ sessionId: session }), [5]);
  assert.deepEqual(await listed({ sinceMs: START_MS + 1, untilMs: START_MS + 2 }), [4, 5, 6, 7]);
  for (const order of ['oldest', 'newest'] as const) {
    const seen: unknown[] = [];
    let after: EventQuery['after'];
    for (;;) {
      const page = await stores.events.list({ order, limit: 5, ...(after ? { after } : {}) });
      seen.push(...page.map(({ details }) => details?.['index']));
      after = page.at(-1);
      if (page.length < 5) break;
    }
    const all = Array.from({ length: 12 }, (_, index) => index);
    assert.deepEqual(seen, order === 'oldest' ? all : all.reverse());
  }
});
