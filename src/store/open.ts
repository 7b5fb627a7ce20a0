// DSN -> an open database with its stores.
import type { Kysely } from 'kysely';
import { parseDsn } from '../config/dsn.ts';
import type { Database, SingleStores } from '../flow/store.ts';
import type { Handle, OpenOptions, Traces } from './handle.ts';
import { rewriteCredentials } from './identity/rewrite-credentials.ts';
import { type MigrationState, migrateUp, migrationStatus } from './migrate.ts';
import { refusingOrphans } from './orphans.ts';
import { lockMigrations, openPostgresDatabase } from './postgres/open-postgres.ts';
import { readingOnly, refuseWriting } from './read-only.ts';
import { rewriteEvents } from './rewrite-events.ts';
import { openSqliteDatabase } from './sqlite/open-sqlite.ts';
import type { Tables } from './tables.ts';
import { createStores, refuseInsideTransaction } from './unit-of-work.ts';

export interface MigratableDatabase extends Database {
  /** For the program that opened it; what it is given to reads, and writes in transactions. */
  readonly stores: SingleStores;
  readonly migrationStatus: () => Promise<readonly MigrationState[]>;
  readonly migrateUp: () => Promise<readonly MigrationState[]>;
  /** Goes through stored credentials; throws what the database throws. */
  readonly rewriteCredentials: (of: Parameters<typeof rewriteCredentials>[1]) => Promise<void>;
  /** The same for the payloads of events. */
  readonly rewriteEvents: (of: Parameters<typeof rewriteEvents>[1]) => Promise<void>;
  /** The same database, where everything that would write is refused with 503. It counts as up to date whatever is pending. */
  readonly readOnly: () => MigratableDatabase;
}

/** Inside of a transaction the transaction as a whole is refused. */
const withoutOrphans = (handle: Handle): Handle => ({
  ...handle,
  write: (work) => refusingOrphans(() => handle.write(work)),
  writeOne: (statement) => refusingOrphans(() => handle.writeOne(statement)),
  writeText: (statement, of) => refusingOrphans(() => handle.writeText(statement, of)),
});

/** Opens the database of a DSN. It does not migrate by itself. Throws an Error with advice where the DSN cannot be used. */
export function openDatabase(options: OpenOptions): MigratableDatabase {
  const dsn = parseDsn(options.dsn);
  const opened =
    dsn.kind === 'sqlite' ? openSqliteDatabase(dsn.path, options) : openPostgresDatabase(dsn, options);
  const handle = withoutOrphans(opened.handle);
  const announce = ({ events, messages, outbox }: Partial<Traces>): void => {
    for (const event of events ?? []) options.onEvent?.(event);
    for (const message of messages ?? []) options.onQueued?.(message);
    if (outbox && outbox.length > 0) options.onEventQueued?.();
  };
  const stores = createStores(handle);
  const migrate = (db: Kysely<Tables>): Promise<readonly MigrationState[]> =>
    migrateUp(db, { kind: opened.kind, nowMs: options.clock.nowMs() });
  const database: MigratableDatabase = {
    kind: opened.kind,
    stores: {
      ...stores,
      events: {
        ...stores.events,
        append: async (event) => {
          await stores.events.append(event);
          announce({ events: [event] });
        },
      },
      messages: {
        ...stores.messages,
        insert: async (message) => {
          await stores.messages.insert(message);
          announce({ messages: [message] });
        },
      },
      outbox: {
        ...stores.outbox,
        replay: async (of) => {
          const count = await stores.outbox.replay(of);
          if (count > 0) options.onEventQueued?.();
          return count;
        },
      },
    },
    transaction: async (work) => {
      const done = await refusingOrphans(() => opened.transaction(work));
      announce(done);
      return done.value;
    },
    check: async () => {
      refuseInsideTransaction();
      const pending = (await migrationStatus(handle.read)).filter(({ status }) => status === 'pending');
      if (pending.length > 0) throw new Error('migrations are pending; run: bia migrate sql up -e --yes');
      // A full disk and a database that became read-only answer whoever only reads.
      await stores.counters.add([{ key: 'readiness', windowStartMs: dayOf(options.clock.nowMs()), by: 1 }]);
    },
    migrationStatus: () => migrationStatus(handle.read),
    migrateUp: () =>
      patiently(() =>
        handle.write(async (db) => {
          if (opened.kind === 'postgres') await lockMigrations(db);
          return migrate(db);
        }),
      ),
    rewriteCredentials: (of) => rewriteCredentials(handle, of),
    rewriteEvents: (of) => rewriteEvents(handle, of),
    close: opened.close,
    readOnly: () => ({
      ...database,
      stores: createStores(readingOnly(handle)),
      transaction: refuseWriting,
      rewriteCredentials: refuseWriting,
      rewriteEvents: refuseWriting,
      check: async () => {
        refuseInsideTransaction();
        await database.migrationStatus();
      },
    }),
  };
  return database;
}

const DAY_MS = 24 * 3_600_000;
/** The janitor removes the counter with those of its day. */
const dayOf = (nowMs: number): number => nowMs - (nowMs % DAY_MS);

const MIGRATION_TRIES = 6;

/** Another process may be at it already, for longer than a request would wait. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isBusy = error instanceof Error && 'errcode' in error && error.errcode === 5;
      if (!isBusy || attempt === MIGRATION_TRIES) throw error;
    }
  }
}
