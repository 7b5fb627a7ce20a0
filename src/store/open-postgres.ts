// PostgreSQL for many nodes: a pool, serializable transactions that are tried again when they collide.
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Dsn } from './dsn.ts';
import type { OpenedDatabase, OpenOptions } from './open.ts';
import type { Tables } from './tables.ts';
import { refuseInsideTransaction, runInside } from './unit-of-work.ts';

/** Times and counters are bigint columns with values far below 2^53. */
const BIGINT_OID = 20;
pg.types.setTypeParser(BIGINT_OID, Number);

/** How often a transaction is tried that collides with another (40001) or would wait in a circle (40P01). */
const ATTEMPTS = 12;

export function openPostgresDatabase(
  dsn: Extract<Dsn, { kind: 'postgres' }>,
  options: OpenOptions,
): OpenedDatabase {
  const pool = new pg.Pool({
    connectionString: dsn.url,
    max: dsn.pool.max ?? 20,
    ...(dsn.pool.maxIdleMs === undefined ? {} : { idleTimeoutMillis: dsn.pool.maxIdleMs }),
    ...(dsn.pool.maxLifetimeS === undefined ? {} : { maxLifetimeSeconds: dsn.pool.maxLifetimeS }),
    connectionTimeoutMillis: 5_000,
  });
  // An idle connection that breaks must not take the process down; the next query opens another.
  pool.on('error', (error) => options.onIdleError?.(error));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log: (event) => {
      if (event.level === 'query') options.onQuery?.(event.query.sql);
    },
  });
  return {
    kind: 'postgres',
    handle: {
      kind: 'postgres',
      read: guarded(db),
      write: (work) => {
        refuseInsideTransaction();
        return withRetries(() => db.transaction().setIsolationLevel('read committed').execute(work));
      },
    },
    transaction: (work) => {
      refuseInsideTransaction();
      return withRetries(() =>
        db
          .transaction()
          .setIsolationLevel('serializable')
          .execute((transaction) => runInside({ db: transaction, kind: 'postgres' }, work)),
      );
    },
    close: () => db.destroy(),
  };
}

/** The same database; each use inside a transaction is refused. */
function guarded(db: Kysely<Tables>): Kysely<Tables> {
  return db.withPlugin({
    transformQuery: ({ node }) => {
      refuseInsideTransaction();
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isCollision(error)) throw error;
      // A little longer each time; those who collided come back in the order in which they failed.
      await new Promise((resolve) => setTimeout(resolve, attempt * 4));
    }
  }
}

function isCollision(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '40001' || code === '40P01';
}

/** Serializes migrations of several nodes that start at once. */
export async function lockMigrations(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(71177)`.execute(db);
}
