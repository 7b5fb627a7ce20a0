// An embedded database: one connection that writes with shared commits, one that reads what is committed.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { Kysely } from 'kysely';
import type { Handle, OpenedDatabase, OpenOptions, Statement } from '../handle.ts';
import type { Tables } from '../tables.ts';
import { refuseInsideTransaction, runInside } from '../unit-of-work.ts';
import { createGroupCommit } from './group-commit.ts';
import { openSqlite, type SqliteConnection, sqliteDialect } from './sqlite-driver.ts';

/** What fails takes back its own writes by itself. */
const ONE_STATEMENT = { isOneStatement: true } as const;

/**
 * A folder that has to be made, and the file, are for this user alone; SQLite gives its other files the mode of the first.
 * A folder that is there is the operator's business, and so is a group that may read the file.
 */
function keepToOurselves(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const { mode, uid } = statSync(file);
  if ((mode & 0o007) !== 0 && uid === process.getuid?.()) chmodSync(file, mode & 0o770);
}

export function openSqliteDatabase(file: string, options: OpenOptions): OpenedDatabase {
  const isMemory = file === ':memory:';
  if (!isMemory) keepToOurselves(path.resolve(file));
  const writer = openSqlite(file, false);
  const inTurn = createGroupCommit(writer.raw);
  // A second statement without a savepoint would stay when the first one's job fails.
  let statementsLeft = Number.POSITIVE_INFINITY;
  const run: SqliteConnection['run'] = (query) => {
    if (statementsLeft === 0) throw new Error('writeOne takes one statement; use write for several');
    statementsLeft -= 1;
    return writer.run(query);
  };
  const db = new Kysely<Tables>({ dialect: sqliteDialect({ raw: writer.raw, run }, options.onQuery) });
  // In memory there is one connection only: reads wait their turn, so that they never see half a transaction.
  let reader: SqliteConnection | undefined;
  const readConnection = (): SqliteConnection => {
    reader ??= openSqlite(file, true);
    return reader;
  };
  const runLater: SqliteConnection['runLater'] = (query) => {
    refuseInsideTransaction();
    return inTurn(() => writer.run(query), ONE_STATEMENT);
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
  const writeOne: Handle['writeOne'] = (statement) => {
    refuseInsideTransaction();
    return inTurn(async () => {
      statementsLeft = 1;
      try {
        return await statement(db);
      } finally {
        statementsLeft = Number.POSITIVE_INFINITY;
      }
    }, ONE_STATEMENT);
  };
  const readText = async <Row>(statement: Statement): Promise<readonly Row[]> => {
    refuseInsideTransaction();
    options.onQuery?.(statement.sql);
    const { rows } = isMemory
      ? await inTurn(() => writer.run(statement), ONE_STATEMENT)
      : readConnection().run(statement);
    return rows as readonly Row[]; // of the shape that the text selects
  };
  const readRows = async <Row extends readonly unknown[]>(statement: Statement): Promise<readonly Row[]> => {
    refuseInsideTransaction();
    options.onQuery?.(statement.sql);
    const rows = isMemory
      ? await inTurn(() => writer.rows(statement), ONE_STATEMENT)
      : readConnection().rows(statement);
    return rows as readonly Row[]; // of the shape that the text selects
  };
  const writeText: Handle['writeText'] = (statement, { isLosable = false } = {}) => {
    refuseInsideTransaction();
    return inTurn(
      () => {
        options.onQuery?.(statement.sql);
        writer.run(statement);
      },
      { ...ONE_STATEMENT, isLosable },
    );
  };
  return {
    kind: 'sqlite',
    handle: { kind: 'sqlite', read, write, writeOne, readText, readRows, writeText },
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
