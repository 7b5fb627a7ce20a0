import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { systemClock } from '../../lib/clock.ts';
import { openSqliteDatabase } from './open-sqlite.ts';

test('a second statement in writeOne is refused, and the next writes go on', async (t) => {
  const { handle, close } = openSqliteDatabase(':memory:', { dsn: 'memory', clock: systemClock });
  t.after(close);
  const run = (text: string) => handle.writeOne((db) => sql.raw(text).execute(db));
  await run('create table item (id integer primary key)');
  const two = handle.writeOne(async (db) => {
    await sql`insert into item values (1)`.execute(db);
    await sql`insert into item values (2)`.execute(db);
  });
  await assert.rejects(two, /writeOne takes one statement/);
  await run('insert into item values (3)');
  await handle.write(async (db) => {
    await sql`insert into item values (4)`.execute(db);
    await sql`insert into item values (5)`.execute(db);
  });
  const { rows } = await sql<{ readonly id: number }>`select id from item where id > 1 order by id`.execute(
    handle.read,
  );
  assert.deepEqual(
    rows.map(({ id }) => id),
    [3, 4, 5],
  );
});
