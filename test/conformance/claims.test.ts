// Claims of credentials: nobody else may hold the same, and nobody is found by one.
import assert from 'node:assert/strict';
import type { Database } from '../../src/flow/store.ts';
import type { CredentialEdit } from '../../src/identity/change/change.ts';
import { edit } from '../../src/identity/change/change.ts';
import { IdentityConflict } from '../../src/identity/store.ts';
import type { IdentityId } from '../../src/lib/ids.ts';
import { applyPlan } from '../support/change.ts';
import { onEachDatabase } from '../support/databases.ts';
import { aCredential, anIdentity } from '../support/samples.ts';

const KEYS = { keys: ['one'] };

const withKey = (claims: readonly string[]) =>
  anIdentity({ credentials: { pin: aCredential({ type: 'pin', identifiers: [], config: KEYS, claims }) } });

async function change(database: Database, id: IdentityId, to: CredentialEdit): Promise<string> {
  const seen = await database.stores.identities.findFull(id);
  assert.ok(seen);
  const written = await applyPlan(database, {
    identityId: id,
    changes: [edit(seen).credential('pin', () => to)],
  });
  return written.kind;
}

onEachDatabase('two people cannot claim the same', async ({ database }) => {
  const { identities } = database.stores;
  const [ada, bob] = [withKey(['key-1', 'key-2']), withKey(['key-3'])];
  await identities.insert(ada);
  await identities.insert(bob);
  await assert.rejects(identities.insert(withKey(['key-2'])), IdentityConflict);
  await assert.rejects(
    change(database, bob.id, { config: { keys: ['two'] }, claims: ['key-3', 'key-1'] }),
    IdentityConflict,
  );
});

onEachDatabase('a claim ends with its credential, and with the part that held it', async ({ database }) => {
  const { identities } = database.stores;
  const ada = withKey(['key-1', 'key-2']);
  await identities.insert(ada);
  assert.equal(await change(database, ada.id, { config: { keys: ['two'] }, claims: ['key-2'] }), 'written');
  await identities.insert(withKey(['key-1']));
  // A change that says nothing about claims leaves them.
  assert.equal(await change(database, ada.id, { config: { keys: ['three'] } }), 'written');
  await assert.rejects(identities.insert(withKey(['key-2'])), IdentityConflict);
  assert.equal(await change(database, ada.id, 'remove'), 'written');
  await identities.insert(withKey(['key-2']));
});

onEachDatabase('nobody is found by a claim, and it is not read back', async ({ stores: { identities } }) => {
  const ada = withKey(['key-1']);
  await identities.insert(ada);
  assert.equal(await identities.findFullByIdentifier(['key-1']), undefined);
  assert.equal(await identities.findFullByIdentifier(['key-1'], 'pin'), undefined);
  assert.equal(await identities.count({ identifiers: ['key-1'] }), 0);
  assert.equal(await identities.count({ identifierPrefix: 'key' }), 0);
  const read = await identities.findFull(ada.id);
  assert.deepEqual(read?.credentials['pin']?.identifiers, []);
  assert.equal(read?.credentials['pin']?.claims, undefined);
});
