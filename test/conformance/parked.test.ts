// The port of parked submissions: each is replayed once.
import assert from 'node:assert/strict';
import type { ParkedSubmission } from '../../src/flow/store.ts';
import { onEachDatabase, START_MS, type TestDatabase } from '../support/databases.ts';
import { aFlow, aPerson, UNSTORABLE } from '../support/samples.ts';

async function park(db: TestDatabase, of: Partial<ParkedSubmission> = {}): Promise<ParkedSubmission> {
  const person = aPerson(`${of.id ?? 'ada'}@example.com`);
  if (!of.identityId) await db.stores.identities.insert(person);
  const flow = aFlow({ kind: 'settings', identityId: of.identityId ?? person.id });
  await db.stores.flows.insert(flow);
  const parked: ParkedSubmission = {
    id: 'parked-1',
    identityId: person.id,
    flowId: flow.id,
    payload: { method: 'password', password: 'sealed \u0000 \ud800', nested: { list: [1, null] } },
    expiresAtMs: START_MS,
    ...of,
  };
  await db.stores.parked.insert(parked);
  return parked;
}

onEachDatabase('a submission is taken once, as it was parked', async (db) => {
  const parked = await park(db);
  assert.deepEqual(await db.stores.parked.take('parked-1'), parked);
  assert.equal(await db.stores.parked.take('parked-1'), undefined);
});

onEachDatabase('of fifty who take it at once, one does', async (db) => {
  await park(db);
  const attempts = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0
      ? db.stores.parked.take('parked-1')
      : db.database.transaction((inside) => inside.parked.take('parked-1')),
  );
  assert.equal((await Promise.all(attempts)).filter(Boolean).length, 1);
});

onEachDatabase('what is not there is not taken, whatever is asked for', async (db) => {
  await park(db);
  for (const id of ['', 'parked', ...UNSTORABLE]) assert.equal(await db.stores.parked.take(id), undefined);
  assert.ok(await db.stores.parked.take('parked-1'));
});

onEachDatabase('submissions of one person go together', async (db) => {
  const mine = await park(db, { id: 'parked-1' });
  await park(db, { id: 'parked-2', identityId: mine.identityId });
  await park(db, { id: 'parked-3' });
  await db.stores.parked.deleteOfIdentity(mine.identityId);
  assert.equal(await db.stores.parked.take('parked-1'), undefined);
  assert.equal(await db.stores.parked.take('parked-2'), undefined);
  assert.ok(await db.stores.parked.take('parked-3'));
});

onEachDatabase('submissions go with their flow, and expired ones a step at a time', async (db) => {
  const { identityId } = await park(db, { id: 'parked-0', expiresAtMs: 0 });
  for (const time of [1, 2, 3]) await park(db, { id: `parked-${time}`, identityId, expiresAtMs: time });
  assert.equal(await db.stores.parked.deleteExpiredBefore(3, 2), 2);
  assert.equal(await db.stores.parked.deleteExpiredBefore(3, 2), 1);
  assert.equal(await db.stores.parked.deleteExpiredBefore(3, 2), 0);
  assert.equal(await db.stores.flows.deleteExpiredBefore(Number.MAX_SAFE_INTEGER, 10), 4);
  assert.equal(await db.stores.parked.take('parked-3'), undefined);
});
