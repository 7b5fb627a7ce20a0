import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { isUnavailable, markPostgresError, silentError } from './unavailable.ts';

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('it did not fail');
}

test('a file of SQLite that cannot be written or opened is unavailable, a broken rule of a table is not', () => {
  const folder = path.join(import.meta.dirname, 'not-there');
  assert.equal(isUnavailable(errorOf(() => new DatabaseSync(path.join(folder, 'bia.sqlite')))), true);
  const database = new DatabaseSync(':memory:');
  database.exec('create table item (id integer primary key)');
  database.exec('insert into item values (1)');
  assert.equal(isUnavailable(errorOf(() => database.exec('insert into item values (1)'))), false);
  assert.equal(isUnavailable(errorOf(() => database.exec('nonsense'))), false);
  database.exec('PRAGMA query_only = on');
  assert.equal(isUnavailable(errorOf(() => database.exec('insert into item values (2)'))), true);
});

test('of PostgreSQL it is by the code, or by what the driver says without one', () => {
  const failed = (message: string, code?: string): Error =>
    Object.assign(new Error(message), code === undefined ? {} : { code });
  for (const error of [
    failed('cannot execute INSERT in a read-only transaction', '25006'),
    failed('could not extend file: No space left on device', '53100'),
    failed('sorry, too many clients already', '53300'),
    failed('terminating connection due to administrator command', '57P01'),
    failed('the database system is starting up', '57P03'),
    failed('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
    failed('timeout exceeded when trying to connect'),
    failed('Connection terminated unexpectedly'),
    failed('Client was closed and is not queryable'),
  ]) {
    assert.equal(markPostgresError(error), true, error.message);
    assert.equal(isUnavailable(error), true, error.message);
  }
  for (const error of [
    failed('duplicate key value violates unique constraint', '23505'),
    failed('could not serialize access', '40001'),
    failed('canceling statement due to user request', '57014'),
    failed('relation does not exist', '42P01'),
    failed('invariant broken'),
  ]) {
    assert.equal(markPostgresError(error), false, error.message);
    assert.equal(isUnavailable(error), false, error.message);
  }
  assert.equal(isUnavailable(silentError()), true);
  // The same code from a service that Bia calls says nothing of the database.
  assert.equal(isUnavailable(failed('connect ECONNREFUSED', 'ECONNREFUSED')), false);
});
