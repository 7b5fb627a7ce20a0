// An embedded database: one connection that writes with shared commits, one that reads what is committed.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Kysely } from 'kysely';
import { createGroupCommit } from './group-commit.ts';
import type { Handle, OpenedDatabase, OpenOptions } from './handle.ts';
import { openSqlite, type SqliteConnection, sqliteDialect } from './sqlite-driver.ts';
import type { Tables } from './tables.ts';
import { refuseInsideTransaction, runInside } from './unit-of-work.ts';

export function openSqliteDatabase(file: string, options: OpenOptions): OpenedDatabase {
  const isMemory = file === ':memory:';
  if (!isMemory) mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const writer = openSqlite(file, false);
  const inTurn = createGroupCommit(writer.raw);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(writer, options.onQuery) });
  // In memory there is one connection only: reads wait their turn, so that they never see half a transaction.
  let reader: SqliteConnection | undefined;
  const readConnection = (): SqliteConnection => {
    reader ??= openSqlite(file, true);
    return reader;
  };
  const runLater: SqliteConnection['runLater'] = (query) => {
    refuseInsideTransaction();
    return inTurn(() => Promise.resolve(writer.run(query)));
  };
  const read = new Kysely<Tables>({
    dialect: sqliteDialect(
      {
        raw: writer.raw,
        run: (query) => {
          refuseInsideTransaction();
          return readConnection().run(query);
        },
        ...(isMemory ? { runLater } : {}),
      },
      options.onQuery,
    ),
  });
  const write: Handle['write'] = (work) => {
    refuseInsideTransaction();
    return inTurn(() => work(db));
  };
  return {
    kind: 'sqlite',
    handle: {
      kind: 'sqlite',
      read,
      write,
      writeOne: write,
    },
    transaction: (work) => {
      refuseInsideTransaction();
      return inTurn(() => runInside({ db, kind: 'sqlite' }, work));
    },
    close: async () => {
      // What was accepted before is still written; a database that cannot be written to is closed all the same.
      await inTurn(() => Promise.resolve()).catch(() => undefined);
      for (const connection of [reader, writer]) if (connection?.raw.isOpen) connection.raw.close();
    },
  };
}
