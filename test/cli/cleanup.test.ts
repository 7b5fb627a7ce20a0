// `cleanup sql` as schedules of Kratos call it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { createWorkplace, writeConfig } from './program.ts';

const workplace = createWorkplace();
after(() => workplace.remove());

describe('bia cleanup sql', () => {
  it('removes what is over and keeps what ended within --keep-last, on the database of a file, DSN or argument', async () => {
    const { file } = await writeConfig(workplace);
    const sqlite = path.join(workplace.folder, 'bia.sqlite');
    const dsn = `sqlite://${sqlite}`;
    assert.equal((await workplace.bia(['migrate', '-c', file, 'sql', '--yes'])).code, 0);
    const HOUR_MS = 3_600_000;
    const flowsThatEnded = (agesH: readonly number[]): void => {
      const database = new DatabaseSync(sqlite);
      const insert = database.prepare(
        "insert into flows (id, kind, version, expires_at, body) values (?, 'login', 1, ?, '{}')",
      );
      for (const ageH of agesH) insert.run(`${Math.random()}`, Date.now() - ageH * HOUR_MS);
      database.close();
    };
    const flowCount = (): unknown => {
      const database = new DatabaseSync(sqlite, { readOnly: true });
      const row = database.prepare('select count(*) as count from flows').get();
      database.close();
      return row?.['count'];
    };
    flowsThatEnded([-1, 1, 2, 10, 11, 12]);
    const first = await workplace.bia([
      ...['cleanup', 'sql', '-e', '-c', file, '--keep-last', '8h'],
      ...['--database.cleanup.batch_size=2', '--database.cleanup.sleep.tables=10ms'],
    ]);
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /^Removed from SQLite .*: .*3 unfinished flows/);
    assert.equal(flowCount(), 3);
    const second = await workplace.bia(['cleanup', 'sql', '--read-from-env', '-b', '100'], {
      env: { DSN: dsn },
    });
    assert.match(second.out, /2 unfinished flows/);
    assert.match((await workplace.bia(['cleanup', 'sql', dsn])).out, /0 unfinished flows/);
    assert.equal(flowCount(), 1);
  });

  it('says what is wrong with its words, and that there are no tables', async () => {
    const dsn = `sqlite://${path.join(workplace.folder, 'empty.sqlite')}`;
    for (const words of [['--keep-last', 'soon'], ['--keep-last=-1h'], ['-b', '0']]) {
      assert.equal((await workplace.bia(['cleanup', 'sql', dsn, ...words])).code, 2, words.join(' '));
    }
    const { code, err } = await workplace.bia(['cleanup', 'sql', dsn]);
    assert.equal(code, 1);
    assert.match(err, /no tables yet[\s\S]*bia migrate sql up/);
  });
});
