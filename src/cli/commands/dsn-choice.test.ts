import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { invocationOf } from '../line/test-io.ts';
import { databaseName } from './database-name.ts';
import { chooseDsn } from './dsn-choice.ts';

describe('the database that migrate speaks of', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bia-cli-'));
  after(() => rmSync(folder, { recursive: true }));
  const choose = (words: readonly string[], env = {}) =>
    chooseDsn(invocationOf('migrate', 'sql', 'up', ...words), env);
  const file = path.join(folder, 'bia.yml');
  // Its other keys are wrong on purpose: that must not keep anybody from migrating.
  writeFileSync(file, 'dsn: sqlite://file.sqlite\nnonsense: true\n');

  it('is named by argument, environment, files, or is the one of an installation without files', () => {
    assert.equal(choose(['sqlite://arg.sqlite'], { DSN: 'sqlite://env.sqlite' }), 'sqlite://arg.sqlite');
    assert.equal(choose(['-e'], { DSN: 'sqlite://env.sqlite' }), 'sqlite://env.sqlite');
    assert.equal(choose(['-c', file], { DSN: 'sqlite://env.sqlite' }), 'sqlite://env.sqlite');
    assert.equal(choose(['-c', file]), 'sqlite://file.sqlite');
    assert.equal(choose(['-e', '-c', file]), 'sqlite://file.sqlite');
    assert.match(choose([]), /^sqlite:\/\/data\/bia\.sqlite/);
  });

  it('is refused where it is named twice, wrongly or not at all', () => {
    assert.throws(() => choose(['-e', 'sqlite://a'], {}), /named twice/);
    assert.throws(() => choose(['upp']), /"upp" is not a database address/);
    assert.throws(() => choose(['-e']), /the variable DSN is not set/);
    assert.throws(() => choose(['-c', path.join(folder, 'none.yml')]), /cannot be read/);
  });
});

it('a database is shown without its password', () => {
  assert.equal(
    databaseName('postgres://bia:hush@db:5432/people?sslmode=require'),
    'PostgreSQL db:5432/people',
  );
  assert.equal(databaseName('sqlite:///var/bia.sqlite?_fk=true'), 'SQLite /var/bia.sqlite');
  assert.match(databaseName('memory'), /in memory/);
});
