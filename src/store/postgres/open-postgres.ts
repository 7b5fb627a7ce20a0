// PostgreSQL for many nodes: a pool, serializable transactions that are tried again when they collide.
import { createRequire } from 'node:module';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type Pg from 'pg';
import type { Dsn } from '../dsn.ts';
import { type Handle, type OpenedDatabase, type OpenOptions, textsThroughKysely } from '../handle.ts';
import type { Tables } from '../tables.ts';
import { refuseInsideTransaction, runInside } from '../unit-of-work.ts';
import { createCollisionRetry } from './collisions.ts';
import { createPreparingPools } from './postgres-pool.ts';

// Loaded with the first PostgreSQL database: whoever runs on SQLite saves its 35 files at each start, and 7 MiB. The type is
// what the package declares.
const driver = (): typeof Pg => createRequire(import.meta.url)('pg') as typeof Pg;

export function openPostgresDatabase(
  dsn: Extract<Dsn, { kind: 'postgres' }>,
  options: OpenOptions,
): OpenedDatabase {
  const pg = driver();
  const pool = new pg.Pool({
    connectionString: dsn.url,
    max: dsn.pool.max ?? 20,
    ...(dsn.pool.maxIdleMs === undefined ? {} : { idleTimeoutMillis: dsn.pool.maxIdleMs }),
    ...(dsn.pool.maxLifetimeS === undefined ? {} : { maxLifetimeSeconds: dsn.pool.maxLifetimeS }),
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser: typeParser(pg) },
  });
  // An idle connection that breaks must not take the process down; the next query opens another.
  pool.on('error', (error) => options.onIdleError?.(error));
  // One that breaks in use fails its query, which is how the caller learns of it. It also says so once more, to whoever
  // listens; if nobody did, that would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const poolFor = createPreparingPools(pool, options.onQuery);
  const kysely = (onUse: () => void): Kysely<Tables> =>
    new Kysely({ dialect: new PostgresDialect({ pool: poolFor(onUse) }) });
  const [read, db] = [kysely(refuseInsideTransaction), kysely(() => undefined)];
  const withRetries = createCollisionRetry();
  const write: Handle['write'] = (work) => {
    refuseInsideTransaction();
    return withRetries(() => db.transaction().setIsolationLevel('read committed').execute(work));
  };
  const writeOne: Handle['writeOne'] = (statement) => {
    refuseInsideTransaction();
    return withRetries(() => statement(db));
  };
  return {
    kind: 'postgres',
    handle: { kind: 'postgres', read, write, writeOne, ...textsThroughKysely(read, writeOne) },
    transaction: (work) => {
      refuseInsideTransaction();
      return withRetries(() =>
        db
          .transaction()
          .setIsolationLevel('serializable')
          .execute((transaction) => runInside({ db: transaction, kind: 'postgres' }, work)),
      );
    },
    close: async () => {
      if (!pool.ending) await pool.end();
    },
  };
}

/** Times and counters are bigint columns with values far below 2^53. Said here, because pg's own setting is global. */
const BIGINT_OID = 20;
const typeParser =
  ({ types }: typeof Pg): typeof Pg.types.getTypeParser =>
  (oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT_OID
      ? Number
      : format === 'binary'
        ? types.getTypeParser(oid, format)
        : types.getTypeParser(oid);

/** Serializes migrations of several nodes that start at once. */
export async function lockMigrations(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(71177)`.execute(db);
}
