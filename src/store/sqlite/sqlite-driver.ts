// node:sqlite in the shape that Kysely wants: one writing connection whose transactions share commits.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Statement } from '../handle.ts';

/** How many compiled statements a connection keeps; the store has fewer distinct ones than this. */
const STATEMENT_LIMIT = 256;

/** How long a read waits for another process that has the whole file to itself; in normal work none has. */
const READ_WAIT_MS = 100;

export interface SqliteConnection {
  readonly raw: DatabaseSync;
  readonly run: (query: Statement) => QueryResult<unknown>;
  /** Rows of a statement that reads, as lists of values. */
  readonly rows: (query: Statement) => readonly unknown[];
  /** Where statements have to wait their turn. */
  readonly runLater?: (query: Statement) => Promise<QueryResult<unknown>>;
}

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
}

/** Opens a file with the settings that durable commits need. `isReader` opens it for reading only. */
export function openSqlite(path: string, isReader: boolean): SqliteConnection {
  const raw = new DatabaseSync(path, { readOnly: isReader, enableForeignKeyConstraints: true });
  // Another process that opens or closes the same file at this moment is waited for.
  raw.exec('PRAGMA busy_timeout = 10000');
  if (!isReader) {
    raw.exec('PRAGMA journal_mode = WAL');
    // FULL: an acknowledged commit survives a power cut. Group commit pays for it.
    raw.exec('PRAGMA synchronous = FULL');
    // Whoever has the write lock never waits, and who wants it waits in group-commit.ts without holding up reads.
    raw.exec('PRAGMA busy_timeout = 0');
  }
  // It waits inside of SQLite, and everybody else in this process with it.
  else raw.exec(`PRAGMA busy_timeout = ${READ_WAIT_MS}`);
  raw.exec('PRAGMA cache_size = -16000');
  const statements = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = raw.prepare(sql);
    const prepared = { statement, hasRows: statement.columns().length > 0 };
    if (statements.size >= STATEMENT_LIMIT) statements.clear();
    statements.set(sql, prepared);
    return prepared;
  };
  const listing = new Map<string, StatementSync>();
  const prepareListing = (sql: string): StatementSync => {
    const known = listing.get(sql);
    if (known) return known;
    const statement = raw.prepare(sql);
    statement.setReturnArrays(true);
    if (listing.size >= STATEMENT_LIMIT) listing.clear();
    listing.set(sql, statement);
    return statement;
  };
  return {
    raw,
    rows: ({ sql, parameters }) => prepareListing(sql).all(...(parameters as SQLInputValue[])),
    run: ({ sql, parameters }) => {
      const { statement, hasRows } = prepare(sql);
      // Kysely hands over only what the stores bound: strings, numbers, null and bigints.
      const values = parameters as SQLInputValue[];
      if (hasRows) return { rows: statement.all(...values) };
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    },
  };
}

/**
 * Kysely would hold a lock around each statement, since it takes SQLite for something that one caller at a time may use. Here
 * statements run to their end at once, and group-commit.ts orders transactions. Measured inside
 * the process, best of many: whoami went from 60 µs to 39.
 */
class SharedConnectionAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** A Kysely dialect over one open connection. Transactions are the unit of work's business, not Kysely's. */
export function sqliteDialect(
  connection: Omit<SqliteConnection, 'rows'>,
  onQuery?: (sql: string) => void,
): Dialect {
  const kyselyConnection: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      onQuery?.(query.sql);
      // An async function would turn the throw into a rejection as well, but costs one more tick on each query.
      try {
        // Rows have the shape that the query selects.
        return (connection.runLater?.(query) ?? Promise.resolve(connection.run(query))) as Promise<
          QueryResult<R>
        >;
      } catch (error) {
        return Promise.reject(error);
      }
    },
    streamQuery: () => {
      throw new Error('results are never streamed');
    },
  };
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(kyselyConnection),
    beginTransaction: () => Promise.reject(new Error('use the unit of work')),
    commitTransaction: () => Promise.reject(new Error('use the unit of work')),
    rollbackTransaction: () => Promise.reject(new Error('use the unit of work')),
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
  return {
    createAdapter: () => new SharedConnectionAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
