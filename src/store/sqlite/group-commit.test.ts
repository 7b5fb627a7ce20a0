import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, test } from 'node:test';
import { createGroupCommit } from './group-commit.ts';

let folder = '';
let writer: DatabaseSync;
let other: DatabaseSync;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'bia-commit-'));
  const file = path.join(folder, 'test.sqlite');
  writer = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  writer.exec(`pragma journal_mode = wal; pragma busy_timeout = 0; create table item (id integer primary key);
    create table part (item integer references item(id) deferrable initially deferred)`);
  other = new DatabaseSync(file);
});
afterEach(() => {
  for (const database of [writer, other]) if (database.isOpen) database.close();
  rmSync(folder, { recursive: true });
});

const insert = (id: number) => async () => writer.exec(`insert into item values (${id})`);
const stored = () =>
  other
    .prepare('select id from item order by id')
    .all()
    .map((row) => row['id']);
const statuses = async (jobs: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(jobs)).map(({ status }) => status);

test('a promise resolves only when others can see what was written', async () => {
  const inTurn = createGroupCommit(writer);
  await Promise.all(
    Array.from({ length: 300 }, async (_, id) => {
      await inTurn(insert(id));
      assert.ok(other.prepare('select 1 from item where id = ?').get(id));
    }),
  );
});

test('jobs that wait together share a commit and run in their order', async () => {
  const inTurn = createGroupCommit(writer);
  const order: number[] = [];
  const version = () => other.prepare('pragma data_version').get()?.['data_version'];
  const before = version();
  const jobs = [1, 2, 3].map((id) =>
    inTurn(async () => {
      order.push(id);
      await new Promise((resolve) => setImmediate(resolve));
      writer.exec(`insert into item values (${id})`);
      assert.equal(version(), before);
      return id * 10;
    }),
  );
  assert.deepEqual(await Promise.all(jobs), [10, 20, 30]);
  assert.deepEqual(order, [1, 2, 3]);
  assert.deepEqual(stored(), [1, 2, 3]);
});

test('a job that fails takes back only what it wrote itself', async () => {
  const inTurn = createGroupCommit(writer);
  const failing = inTurn(async () => {
    writer.exec('insert into item values (2)');
    throw new Error('vetoed');
  });
  assert.deepEqual(await statuses([inTurn(insert(1)), failing, inTurn(insert(1)), inTurn(insert(3))]), [
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  assert.deepEqual(stored(), [1, 3]);
});

test('when the commit fails every job learns of it, and the next ones are served', async () => {
  const inTurn = createGroupCommit(writer);
  const orphan = async () => writer.exec('insert into part values (99)');
  const failing = inTurn(() => Promise.reject(new Error('vetoed')));
  assert.deepEqual(await statuses([inTurn(insert(1)), inTurn(orphan), failing]), [
    'rejected',
    'rejected',
    'rejected',
  ]);
  await inTurn(insert(2));
  assert.deepEqual(stored(), [2]);
});

test('when the database ends the transaction by itself, as on a full disk, no job is called done', async () => {
  const inTurn = createGroupCommit(writer);
  const full = async () => {
    writer.exec('rollback');
    throw new Error('database or disk is full');
  };
  assert.deepEqual(await statuses([inTurn(insert(1)), inTurn(full), inTurn(insert(2))]), [
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  assert.deepEqual(stored(), [2]);
});

test('another process that writes is waited for, and this one goes on meanwhile', async () => {
  const inTurn = createGroupCommit(writer);
  other.exec('begin immediate; insert into item values (7)');
  let isDone = false;
  const waiting = inTurn(insert(8)).then(() => {
    isDone = true;
  });
  // Timers run while the lock is waited for.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(isDone, false);
  other.exec('commit');
  await waiting;
  assert.deepEqual(stored(), [7, 8]);
});

test('a closed database fails the jobs instead of losing them', async () => {
  const inTurn = createGroupCommit(writer);
  writer.close();
  assert.deepEqual(await statuses([inTurn(insert(1)), inTurn(insert(2))]), ['rejected', 'rejected']);
});

test('only what may be lost in a power cut is written without waiting for the disk', async () => {
  const inTurn = createGroupCommit(writer);
  const FULL = 2;
  const durability: unknown[] = [];
  const job = (name: string) => () => {
    durability.push([name, writer.prepare('pragma synchronous').get()?.['synchronous'] === FULL]);
  };
  const losable = { isLosable: true };
  await Promise.all([inTurn(job('a'), losable), inTurn(job('b'), losable)]);
  // One that must last decides for all that share its commit.
  await Promise.all([inTurn(job('c'), losable), inTurn(job('d'))]);
  // It comes while a commit of losable ones is being filled, and waits for one of its own.
  const late: Promise<void>[] = [];
  await inTurn(() => {
    job('e')();
    late.push(inTurn(job('f')));
  }, losable);
  await Promise.all(late);
  assert.deepEqual(durability, [
    ['a', false],
    ['b', false],
    ['c', true],
    ['d', true],
    ['e', false],
    ['f', true],
  ]);
});
