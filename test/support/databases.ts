// Every store test on every database: a fresh one for each test, closed and removed after it.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import pg from 'pg';
import type { SecurityEvent } from '../../src/event/event.ts';
import type { SingleStores } from '../../src/flow/store.ts';
import { createTestClock, type TestClock } from '../../src/lib/clock.ts';
import { type MigratableDatabase, openDatabase } from '../../src/store/open.ts';
import { type PostgresServer, startPostgres, WITHOUT_POSTGRES } from './postgres.ts';

export type DatabaseName = 'sqlite file' | 'sqlite memory' | 'postgres';
const isThere = (name: DatabaseName): boolean =>
  name !== 'postgres' || process.env['BIA_TEST_POSTGRES'] !== WITHOUT_POSTGRES;
const ALL: readonly DatabaseName[] = ['sqlite file', 'sqlite memory', 'postgres'];
export const DATABASES = ALL.filter(isThere);
/** Those that a second process or node can open. */
export const SHARED_DATABASES = DATABASES.filter((name) => name !== 'sqlite memory');

export const START_MS = Date.UTC(2030, 0, 1);

/** An empty database that nobody has opened yet. */
export interface FreshDatabase {
  readonly dsn: string;
  remove(): Promise<void>;
}

export interface TestDatabase {
  readonly name: DatabaseName;
  readonly dsn: string;
  readonly database: MigratableDatabase;
  readonly stores: SingleStores;
  readonly clock: TestClock;
  /** Statements since the start or the last `queries.length = 0`. */
  readonly queries: string[];
  readonly events: SecurityEvent[];
  /** Opens the same database once more, as another node does; closed with the test. */
  open(): MigratableDatabase;
  /** Runs a statement past the stores, over a connection of its own; returns its rows. */
  raw(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** One test for each database; `body` finds it migrated, unless it wants to do that itself. */
export function onEachDatabase(
  title: string,
  body: (db: TestDatabase) => Promise<void>,
  of: { readonly on?: readonly DatabaseName[]; readonly start?: 'migrated' | 'empty' } = {},
): void {
  for (const name of (of.on ?? DATABASES).filter(isThere)) {
    test(`${title} [${name}]`, async () => {
      const fresh = await freshDatabase(name, of.start);
      const opened: MigratableDatabase[] = [];
      try {
        const clock = createTestClock(START_MS);
        const queries: string[] = [];
        const events: SecurityEvent[] = [];
        const open = (): MigratableDatabase => {
          const database = openDatabase({
            dsn: fresh.dsn,
            clock,
            onQuery: (sql) => queries.push(sql),
            onEvent: (event) => events.push(event),
          });
          opened.push(database);
          return database;
        };
        const database = open();
        if (of.start !== 'empty' && database.kind === 'sqlite') await database.migrateUp();
        queries.length = 0;
        const { stores } = database;
        const raw = (sql: string) => runRaw(fresh.dsn, sql);
        await body({ name, dsn: fresh.dsn, database, stores, clock, queries, events, open, raw });
      } finally {
        for (const database of opened) await database.close();
        await fresh.remove();
      }
    });
  }
}

/**
 * A database of its own for one test. On PostgreSQL making one takes longer than most tests: there a migrated one is
 * emptied and used again by the next test of the file, so whoever changes its schema has to `start` with an empty one.
 */
export async function freshDatabase(
  name: DatabaseName,
  start: 'migrated' | 'empty' = 'migrated',
): Promise<FreshDatabase> {
  if (name === 'sqlite memory') return { dsn: 'memory', remove: () => Promise.resolve() };
  if (name === 'postgres') return start === 'empty' ? createPostgresDatabase() : reusedPostgresDatabase();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bia-sqlite-'));
  return {
    dsn: `sqlite://${path.join(folder, 'bia.sqlite')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

let ownServer: Promise<PostgresServer> | undefined;
let databaseCount = 0;
const unused: FreshDatabase[] = [];

after(async () => {
  for (const database of unused) await database.remove();
  await (await ownServer)?.stop();
});

/** The server of the test run, or one of this file alone where it is run by itself. */
async function serverUrl(): Promise<string> {
  const given = process.env['BIA_TEST_POSTGRES'];
  if (given) return given;
  ownServer ??= startPostgres();
  return (await ownServer).url;
}

async function reusedPostgresDatabase(): Promise<FreshDatabase> {
  const database = unused.pop() ?? (await createMigratedDatabase());
  return {
    dsn: database.dsn,
    remove: async () => {
      await runRaw(database.dsn, EMPTY_ALL);
      unused.push(database);
    },
  };
}

async function createMigratedDatabase(): Promise<FreshDatabase> {
  const made = await createPostgresDatabase();
  const database = openDatabase({ dsn: made.dsn, clock: createTestClock(START_MS) });
  await database.migrateUp();
  await database.close();
  return made;
}

/** Deleting few rows is quicker than `truncate`, which makes new files. All references cascade, so the order is free. */
const EMPTY_ALL = `do $$ declare name text; begin
  for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'bia_migrations' loop
    execute format('delete from %I', name);
  end loop; end $$`;

export async function createPostgresDatabase(): Promise<FreshDatabase> {
  databaseCount += 1;
  const database = `bia_test_${process.pid}_${databaseCount}`;
  await administer(`create database ${database}`);
  const url = new URL(await serverUrl());
  url.pathname = `/${database}`;
  return {
    dsn: url.href,
    remove: () => administer(`drop database if exists ${database} with (force)`),
  };
}

async function administer(statement: string): Promise<void> {
  await runRaw(await serverUrl(), statement);
}

/** Runs a statement over a connection of its own, past whatever server has the database open. */
export async function runRaw(
  dsn: string,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  if (dsn === 'memory') throw new Error('a database in memory has one connection only');
  if (dsn.startsWith('sqlite://')) {
    const file = new DatabaseSync(dsn.slice('sqlite://'.length));
    try {
      return file.prepare(sql).all();
    } finally {
      file.close();
    }
  }
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
