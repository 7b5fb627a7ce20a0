// PostgreSQL for many nodes: a pool, serializable transactions that are tried again when they collide.
import { createRequire } from 'node:module';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type Pg from 'pg';
import type { Dsn } from '../../config/dsn.ts';
import {
  type Handle,
  type OpenedDatabase,
  type OpenOptions,
  type Statement,
  textsThroughKysely,
} from '../handle.ts';
import type { Tables } from '../tables.ts';
import { silentError } from '../unavailable.ts';
import { refuseInsideTransaction, runInside } from '../unit-of-work.ts';
import { createCollisionRetry } from './collisions.ts';
import { createPreparingPools } from './postgres-pool.ts';
import { createPulse } from './pulse.ts';

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
  const clients = new Set<Pg.PoolClient>();
  pool.on('connect', (client) => {
    clients.add(client);
    client.on('error', () => undefined);
  });
  pool.on('remove', (client) => clients.delete(client));
  const pulse = createPulse({
    probe: () => signOfLife(pg, dsn.url),
    // Whoever waits for an answer over one of them would wait for as long as the system tries to deliver the question.
    onSilent: () => {
      options.onIdleError?.(silentError());
      for (const client of clients) void client.end().catch(() => undefined);
    },
  });
  const { poolFor, rows } = createPreparingPools(pool, pulse, options.onQuery);
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
  const readRows = async <Row extends readonly unknown[]>(statement: Statement): Promise<readonly Row[]> => {
    refuseInsideTransaction();
    return (await rows(statement)) as readonly Row[]; // of the shape that the text selects
  };
  return {
    kind: 'postgres',
    handle: { kind: 'postgres', read, write, writeOne, ...textsThroughKysely(read, writeOne), readRows },
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
      pulse.stop();
      if (!pool.ending) await pool.end();
    },
  };
}

const PROBE_MS = 700;

/** Resolves where the server answers, even if it refuses: what it says shows that it lives. */
async function signOfLife(pg: typeof Pg, connectionString: string): Promise<void> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: PROBE_MS,
    query_timeout: PROBE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    const isRefusal = error instanceof pg.DatabaseError && !/^57P0/.test(error.code ?? '');
    if (!isRefusal) throw error;
  } finally {
    // A server that is silent does not answer a goodbye either.
    void client.end().catch(() => undefined);
  }
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
