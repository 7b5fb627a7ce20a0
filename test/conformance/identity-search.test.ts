// The identity port: finding by identifier and holder, filters, and pages that are complete.
import assert from 'node:assert/strict';
import type { FullIdentity } from '../../src/identity/identity.ts';
import type { IdentityFilter } from '../../src/identity/store.ts';
import type { IdentityId } from '../../src/lib/ids.ts';
import { onEachDatabase, type TestDatabase } from '../support/databases.ts';
import { aCredential, anIdentity, aPerson, aRecoveryAddress, UNSTORABLE } from '../support/samples.ts';

const signsInAs = (identifier: string, type = 'password'): FullIdentity =>
  anIdentity({ credentials: { [type]: aCredential({ type, identifiers: [identifier] }) } });

async function insertAll(db: TestDatabase, identities: readonly FullIdentity[]): Promise<void> {
  for (const identity of identities) await db.stores.identities.insert(identity);
}

/** The identifiers of those that a filter lets through, in any order. */
async function found(db: TestDatabase, filter: IdentityFilter): Promise<readonly string[]> {
  const page = await db.stores.identities.list({ filter, limit: 1000 });
  assert.equal(await db.stores.identities.count(filter), page.length);
  return page.map((identity) => identity.credentials['password']?.identifiers[0] ?? identity.id).sort();
}

onEachDatabase('findFullByIdentifier prefers the first identifier, and asks once', async (db) => {
  const normalised = signsInAs('ada@example.com');
  const asTyped = signsInAs('Ada@Example.com');
  await insertAll(db, [asTyped, normalised]);
  const { identities } = db.stores;
  db.queries.length = 0;
  assert.deepEqual(await identities.findFullByIdentifier(['ada@example.com', 'Ada@Example.com']), normalised);
  assert.equal(db.queries.length, 1);
  assert.deepEqual(await identities.findFullByIdentifier(['Ada@Example.com', 'ada@example.com']), asTyped);
  assert.deepEqual(await identities.findFullByIdentifier(['nobody', 'Ada@Example.com']), asTyped);
  assert.equal(await identities.findFullByIdentifier([]), undefined);
  assert.equal(await identities.findFullByIdentifier(['ADA@EXAMPLE.COM']), undefined);
});

onEachDatabase('findFullByIdentifier keeps to one method where it is named', async (db) => {
  const [byPassword, byCode] = [signsInAs('ada'), signsInAs('ada', 'code')];
  await insertAll(db, [byPassword, byCode]);
  const { identities } = db.stores;
  assert.deepEqual(await identities.findFullByIdentifier(['ada'], 'password'), byPassword);
  assert.deepEqual(await identities.findFullByIdentifier(['ada'], 'code'), byCode);
  assert.equal(await identities.findFullByIdentifier(['ada'], 'oidc'), undefined);
});

onEachDatabase('findHolder names who holds an identifier or an address', async (db) => {
  const ada = aPerson('ada@example.com');
  const recovery = anIdentity({ recoveryAddresses: [aRecoveryAddress('eve@example.com')] });
  await insertAll(db, [ada, recovery]);
  const { identities } = db.stores;
  const identifiers = [{ type: 'password', identifier: 'ada@example.com' }];
  const addresses = [{ via: 'email', value: 'ada@example.com' }];
  assert.deepEqual(await identities.findHolder({ identifiers, addresses: [] }), ada);
  assert.deepEqual(await identities.findHolder({ identifiers: [], addresses }), ada);
  assert.deepEqual(await identities.findHolder({ identifiers, addresses }), ada);
  const eve = [{ via: 'email', value: 'eve@example.com' }];
  assert.deepEqual(await identities.findHolder({ identifiers: [], addresses: eve }), recovery);
  for (const of of [
    { identifiers, addresses, exceptId: ada.id },
    { identifiers: [{ type: 'code', identifier: 'ada@example.com' }], addresses: [] },
    { identifiers: [], addresses: [{ via: 'sms', value: 'ada@example.com' }] },
    { identifiers: [], addresses: [] },
  ]) {
    assert.equal(await identities.findHolder(of), undefined);
  }
  const both = { identifiers, addresses: eve, exceptId: ada.id };
  assert.deepEqual(await identities.findHolder(both), recovery);
});

onEachDatabase('filters go together, and an empty list lets nobody through', async (db) => {
  const [ada, bob] = [signsInAs('ada'), { ...signsInAs('bob'), organizationId: 'acme' }];
  await insertAll(db, [ada, bob]);
  assert.deepEqual(await found(db, {}), ['ada', 'bob']);
  assert.deepEqual(await found(db, { ids: [ada.id] }), ['ada']);
  assert.deepEqual(await found(db, { ids: [ada.id, bob.id, ada.id] }), ['ada', 'bob']);
  assert.deepEqual(await found(db, { ids: [] }), []);
  assert.deepEqual(await found(db, { organizationId: 'acme' }), ['bob']);
  assert.deepEqual(await found(db, { organizationId: 'acme', ids: [ada.id] }), []);
  assert.deepEqual(await found(db, { identifiers: ['bob', 'carol'] }), ['bob']);
  assert.deepEqual(await found(db, { identifiers: [] }), []);
});

onEachDatabase('a prefix is taken literally, by bytes, and finds each identity once', async (db) => {
  const names = ['100%_a', '100%', '100x', '1000', 'a_b', 'aXb', 'a', 'A', 'é', 'e\u0301', 'z\u{1F600}', 'z'];
  await insertAll(
    db,
    names.map((name) => signsInAs(name)),
  );
  const startingWith = (identifierPrefix: string) => found(db, { identifierPrefix });
  assert.deepEqual(await startingWith('100%'), ['100%', '100%_a']);
  assert.deepEqual(await startingWith('100'), ['100%', '100%_a', '1000', '100x']);
  assert.deepEqual(await startingWith('a_'), ['a_b']);
  assert.deepEqual(await startingWith('a'), ['a', 'aXb', 'a_b']);
  assert.deepEqual(await startingWith('_'), []);
  assert.deepEqual(await startingWith('%'), []);
  assert.deepEqual(await startingWith('é'), ['é']);
  assert.deepEqual(await startingWith('z'), ['z', 'z\u{1F600}']);
  assert.equal((await startingWith('')).length, names.length);
  const twice = aCredential({ identifiers: ['twice-1', 'twice-2'] });
  await db.stores.identities.insert(anIdentity({ credentials: { password: twice } }));
  assert.deepEqual(await startingWith('twice'), ['twice-1']);
});

onEachDatabase('key-set pages are complete and stable while others come and go', async (db) => {
  const identities = Array.from({ length: 23 }, (_, index) => signsInAs(`person-${index}`));
  await insertAll(db, identities);
  const wanted = identities.map(({ id }) => id).sort();
  const seen: IdentityId[] = [];
  for (let afterId: IdentityId | undefined; ; ) {
    const page = await db.stores.identities.list({ filter: {}, limit: 5, ...(afterId ? { afterId } : {}) });
    seen.push(...page.map(({ id }) => id));
    // One that was shown already goes: with offsets the next page would leave somebody out.
    if (page[0]) await db.stores.identities.delete(page[0].id);
    afterId = page.at(-1)?.id;
    if (page.length < 5) break;
  }
  assert.deepEqual(seen, wanted);
});

onEachDatabase('offset pages are in the order of key-set pages', async (db) => {
  await insertAll(
    db,
    Array.from({ length: 7 }, (_, index) => signsInAs(`person-${index}`)),
  );
  const ids = async (offset: number, limit: number) =>
    (await db.stores.identities.list({ filter: {}, offset, limit })).map(({ id }) => id);
  const all = await ids(0, 100);
  assert.deepEqual([...all].sort(), all);
  assert.deepEqual([...(await ids(0, 3)), ...(await ids(3, 3)), ...(await ids(6, 3))], all);
  assert.deepEqual(await ids(100, 3), []);
});

onEachDatabase('a page is whole: addresses and credentials of every identity', async (db) => {
  const people = ['ada@example.com', 'bob@example.com', 'eve@example.com'].map((email) => aPerson(email));
  await insertAll(db, people);
  const byId = [...people].sort((a, b) => (a.id < b.id ? -1 : 1));
  db.queries.length = 0;
  assert.deepEqual(await db.stores.identities.list({ filter: {}, limit: 10 }), byId);
  assert.equal(db.queries.length, 1);
});

onEachDatabase('what no database can hold matches nobody, not even what looks alike', async (db) => {
  await insertAll(
    db,
    ['ada', 'ada\ufffd', '\ufffdada', '\ufffd'].map((name) => signsInAs(name)),
  );
  const { identities } = db.stores;
  for (const text of UNSTORABLE) {
    assert.equal(await identities.findFullByIdentifier([text]), undefined);
    const other = await identities.findFullByIdentifier([text, 'ada']);
    assert.equal(other?.credentials['password']?.identifiers[0], 'ada');
    assert.equal(await identities.findFullByIdentifier(['ada'], text), undefined);
    const held = {
      identifiers: [{ type: 'password', identifier: text }],
      addresses: [{ via: 'email', value: text }],
    };
    assert.equal(await identities.findHolder(held), undefined);
    for (const filter of [
      // A plain text stands for an id here, as it would after a mistake elsewhere.
      { ids: [text as IdentityId] },
      { identifiers: [text] },
      { identifierPrefix: text },
      { organizationId: text },
    ]) {
      assert.deepEqual(await found(db, filter), []);
    }
    assert.deepEqual(await identities.list({ filter: {}, afterId: text, limit: 10 }), []);
  }
});
