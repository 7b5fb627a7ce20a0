// Migrations: applied once whoever starts, and a database that lacks them is not called healthy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../../src/lib/clock.ts';
import { openDatabase } from '../../src/store/open.ts';
import { rewrite } from '../support/change.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS } from '../support/databases.ts';
import { aPerson, aSession } from '../support/samples.ts';

const EMPTY = { start: 'empty' } as const;

onEachDatabase(
  'status tells pending from applied, and check goes along',
  async ({ database }) => {
    const pending = await database.migrationStatus();
    assert.ok(pending.length > 0);
    assert.ok(pending.every(({ status }) => status === 'pending'));
    await assert.rejects(database.check(), /migrations are pending; run: bia migrate sql/);
    const applied = await database.migrateUp();
    assert.deepEqual(
      applied.map(({ version }) => version),
      pending.map(({ version }) => version),
    );
    assert.deepEqual(await database.migrationStatus(), applied);
    assert.ok(applied.every(({ status }) => status === 'applied'));
    await database.check();
  },
  EMPTY,
);

onEachDatabase('migrating again does nothing and keeps everything', async ({ database, stores }) => {
  const person = aPerson('ada@example.com');
  await stores.identities.insert(person);
  assert.deepEqual(await database.migrateUp(), []);
  assert.deepEqual(await stores.identities.findFull(person.id), person);
});

onEachDatabase(
  'of several nodes that migrate at once one does, and all find it done',
  async ({ database, open, raw }) => {
    const nodes = [database, open(), open(), open()];
    const applied = await Promise.all(nodes.map((node) => node.migrateUp()));
    assert.equal(applied.filter((of) => of.length > 0).length, 1);
    for (const node of nodes) await node.check();
    const versions = (await raw('select version from bia_migrations')).map((row) => row['version']);
    assert.equal(new Set(versions).size, versions.length);
  },
  { ...EMPTY, on: SHARED_DATABASES },
);

onEachDatabase(
  'a node goes on while another one migrates a column in',
  async ({ database, stores, raw }) => {
    await database.migrateUp();
    const person = aPerson('ada@example.com');
    await stores.identities.insert(person);
    await stores.sessions.insert(aSession(person.id), 'digest');
    const use = async () => {
      assert.ok(await stores.sessions.findByTokenDigest('digest', ['totp']));
      assert.deepEqual(await stores.identities.findFull(person.id), person);
      await rewrite(database, person.id, (current) => ({ ...current, metadataAdmin: null }));
    };
    await use();
    for (const table of ['identities', 'identity_credentials', 'identity_addresses', 'sessions']) {
      await raw(`alter table ${table} add column newer text`);
    }
    await use();
  },
  { ...EMPTY, on: SHARED_DATABASES },
);

test('a server that is not there is not taken for an empty database', async () => {
  for (const dsn of [
    'postgres://nobody@localhost/none?host=/nonexistent-folder',
    // Nobody listens on port 9 of this machine's own network (RFC 863 is long out of use).
    'postgres://nobody@127.0.0.1:9/none',
  ]) {
    const database = openDatabase({ dsn, clock: createTestClock(START_MS) });
    await assert.rejects(database.check(), (error: Error) => !error.message.includes('migrations'));
    await database.close();
  }
});

onEachDatabase(
  'a database that does not exist is not taken for an empty one',
  async ({ dsn, database }) => {
    await database.close();
    const other = openDatabase({
      dsn: dsn.replace('/bia_test_', '/bia_none_'),
      clock: createTestClock(START_MS),
    });
    await assert.rejects(other.check(), /bia_none_/);
    await other.close();
  },
  { on: ['postgres'] },
);
