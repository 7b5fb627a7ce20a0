import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MigrationRow } from '../line/command.ts';
import { createTestIo } from '../line/test-io.ts';
import { waitForDatabase } from './wait-for-database.ts';

const ROWS: readonly MigrationRow[] = [
  { version: '0001', name: 'initial', status: 'applied' },
  { version: '0002', name: 'messages', status: 'pending' },
];
const refused = (code: string) => Object.assign(new Error(code), { code });
const never = new Promise<void>(() => undefined);

function wait(
  answers: readonly (() => Promise<readonly MigrationRow[]>)[],
  of: { stop?: Promise<void>; isJson?: boolean } = {},
) {
  const io = createTestIo();
  let asked = 0;
  const database = {
    migrationStatus: () => (answers[asked++] ?? (() => Promise.resolve([])))(),
  };
  const waiting = {
    database,
    name: 'PostgreSQL db/bia',
    source: '-c bia.yml',
    isJson: false,
    stop: never,
    ...of,
  };
  return { io, result: waitForDatabase(waiting, io) };
}

describe('a start without a usable database', () => {
  it('says nothing where it can be used', async () => {
    const { io, result } = wait([]);
    assert.equal(await result, true);
    assert.equal(io.written().err, '');
  });

  it('says once what is wrong and what to do, and goes on when it is mended', async () => {
    const pending = () => Promise.resolve(ROWS);
    const { io, result } = wait([() => Promise.reject(refused('ECONNREFUSED')), pending]);
    assert.equal(await result, true);
    const { err } = io.written();
    assert.match(err, /WAITING for its database: PostgreSQL db\/bia cannot be reached \(ECONNREFUSED\)/);
    assert.match(
      err,
      /PostgreSQL db\/bia lacks 1 of 2 migrations\.\n {2}bring it up to date: bia migrate sql up -c bia\.yml\n/,
    );
  });

  it('reads the failures of a name with several addresses', async () => {
    const several = new AggregateError([refused('ECONNREFUSED'), refused('ECONNREFUSED')]);
    const { io, result } = wait([() => Promise.reject(several)]);
    assert.equal(await result, true);
    assert.match(io.written().err, /cannot be reached \(ECONNREFUSED\)/);
  });

  it('ends where nobody but its operator can help', async () => {
    for (const [code, text] of [
      ['28P01', /refuses user or password/],
      ['3D000', /does not exist/],
      ['42501', /too little/],
    ] as const) {
      await assert.rejects(wait([() => Promise.reject(refused(code))]).result, {
        name: 'CommandError',
        message: text,
      });
    }
  });

  it('ends when it is told to stop', async () => {
    const stop = new Promise<void>((resolve) => setTimeout(resolve, 20));
    const hanging = () => new Promise<readonly MigrationRow[]>(() => undefined);
    assert.equal(await wait([hanging], { stop }).result, false);
    assert.equal(await wait([() => Promise.reject(refused('ETIMEDOUT'))], { stop }).result, false);
  });

  it('is a line of JSON where the log is JSON', async () => {
    const { io, result } = wait([() => Promise.resolve(ROWS)], { isJson: true });
    await result;
    assert.equal(JSON.parse(io.written().err).level, 'error');
  });
});
