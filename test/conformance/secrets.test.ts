// The port of one-time secrets: used up once, bound to flow and purpose, gone with either.
import assert from 'node:assert/strict';
import type { OneTimeSecret } from '../../src/flow/secret/one-time-secret.ts';
import { newFlowId, newUuid } from '../../src/lib/ids.ts';
import { onEachDatabase, START_MS, type TestDatabase } from '../support/databases.ts';
import { aFlow, aPerson } from '../support/samples.ts';

async function flowOf(db: TestDatabase) {
  const flow = aFlow({ kind: 'recovery' });
  await db.stores.flows.insert(flow);
  return flow.id;
}

const aSecret = (flowId: OneTimeSecret['flowId'], of: Partial<OneTimeSecret> = {}): OneTimeSecret => ({
  id: newUuid(),
  kind: 'code',
  purpose: 'recovery',
  flowId,
  digest: 'digest',
  address: 'ada@example.com',
  via: 'email',
  createdAtMs: START_MS,
  expiresAtMs: START_MS + 1,
  ...of,
});

const byId = (secrets: readonly OneTimeSecret[]) => secrets.toSorted((a, b) => (a.id < b.id ? -1 : 1));

onEachDatabase('secrets come back as they were stored, by flow and purpose', async (db) => {
  const { stores } = db;
  const person = aPerson('ada@example.com');
  await stores.identities.insert(person);
  const [mine, other] = [await flowOf(db), await flowOf(db)];
  const secrets = [
    aSecret(mine),
    aSecret(mine, { kind: 'link', identityId: person.id, address: '', via: 'sms' }),
  ];
  for (const secret of secrets) await stores.secrets.insert(secret);
  await stores.secrets.insert(aSecret(other));
  await stores.secrets.insert(aSecret(mine, { purpose: 'verification' }));
  assert.deepEqual(byId(await stores.secrets.findOfFlow(mine, 'recovery')), byId(secrets));
  assert.deepEqual(await stores.secrets.findOfFlow(mine, 'login'), []);
  assert.deepEqual(await stores.secrets.findOfFlow(newFlowId(), 'recovery'), []);
});

onEachDatabase('new secrets take the place of those of the same flow and purpose only', async (db) => {
  const { secrets } = db.stores;
  const flowId = await flowOf(db);
  const verification = aSecret(flowId, { purpose: 'verification' });
  for (const secret of [aSecret(flowId), aSecret(flowId), verification]) await secrets.insert(secret);
  const fresh = [aSecret(flowId), aSecret(flowId)];
  await secrets.replace(flowId, 'recovery', fresh);
  assert.deepEqual(byId(await secrets.findOfFlow(flowId, 'recovery')), byId(fresh));
  await secrets.replace(flowId, 'recovery', []);
  assert.deepEqual(await secrets.findOfFlow(flowId, 'recovery'), []);
  assert.deepEqual(await secrets.findOfFlow(flowId, 'verification'), [verification]);
});

onEachDatabase('of fifty who use a secret up at once, one does, and it is found no more', async (db) => {
  const { secrets } = db.stores;
  const flowId = await flowOf(db);
  const secret = aSecret(flowId);
  await secrets.insert(secret);
  const attempts = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0
      ? secrets.consume(secret.id)
      : db.database.transaction((inside) => inside.secrets.consume(secret.id)),
  );
  assert.equal((await Promise.all(attempts)).filter(Boolean).length, 1);
  assert.deepEqual(await secrets.findOfFlow(flowId, 'recovery'), []);
  assert.equal(await secrets.consume(newUuid()), false);
});

onEachDatabase('secrets go with their flow and their person', async (db) => {
  const { stores } = db;
  const person = aPerson('ada@example.com');
  await stores.identities.insert(person);
  const [first, second] = [await flowOf(db), await flowOf(db)];
  await stores.secrets.insert(aSecret(first));
  await stores.secrets.insert(aSecret(second, { identityId: person.id }));
  const anonymous = aSecret(second);
  await stores.secrets.insert(anonymous);
  await stores.secrets.deleteOfFlow(first);
  assert.deepEqual(await stores.secrets.findOfFlow(first, 'recovery'), []);
  await stores.identities.delete(person.id);
  assert.deepEqual(await stores.secrets.findOfFlow(second, 'recovery'), [anonymous]);
  await stores.flows.deleteExpiredBefore(Number.MAX_SAFE_INTEGER, 10);
  assert.equal(await stores.secrets.consume(anonymous.id), false);
});

onEachDatabase('expired secrets go a step at a time', async (db) => {
  const { secrets } = db.stores;
  const flowId = await flowOf(db);
  for (const expiresAtMs of [1, 2, 3, 4]) await secrets.insert(aSecret(flowId, { expiresAtMs }));
  assert.equal(await secrets.deleteExpiredBefore(4, 2), 2);
  assert.equal(await secrets.deleteExpiredBefore(4, 2), 1);
  assert.equal(await secrets.deleteExpiredBefore(4, 2), 0);
  assert.deepEqual(
    (await secrets.findOfFlow(flowId, 'recovery')).map((secret) => secret.expiresAtMs),
    [4],
  );
});
