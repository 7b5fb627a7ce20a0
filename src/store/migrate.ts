// Which migrations are applied, and applying the rest. Run by `bia migrate sql`; by itself only on SQLite.
import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from './handle.ts';
import * as initial from './migrations/0001_initial.ts';
import * as messages from './migrations/0002_messages.ts';
import * as imports from './migrations/0003_imports.ts';
import * as exchanges from './migrations/0004_exchanges.ts';
import * as heldAddresses from './migrations/0005_held-addresses.ts';
import * as outbox from './migrations/0007_outbox.ts';
import * as eventIndexes from './migrations/0008_event-indexes.ts';
import type { Tables } from './tables.ts';

interface Migration {
  readonly version: string;
  readonly name: string;
  readonly up: (db: Kysely<Tables>, kind: DatabaseKind) => Promise<void>;
}

const MIGRATIONS: readonly Migration[] = [
  { version: '0001', name: initial.name, up: initial.up },
  { version: '0002', name: messages.name, up: messages.up },
  { version: '0003', name: imports.name, up: imports.up },
  { version: '0004', name: exchanges.name, up: exchanges.up },
  { version: '0005', name: heldAddresses.name, up: heldAddresses.up },
  { version: '0007', name: outbox.name, up: outbox.up },
  { version: '0008', name: eventIndexes.name, up: eventIndexes.up },
];

export interface MigrationState {
  readonly version: string;
  readonly name: string;
  readonly status: 'applied' | 'pending';
}

export async function migrationStatus(db: Kysely<Tables>): Promise<readonly MigrationState[]> {
  const applied = await appliedVersions(db);
  return MIGRATIONS.map(({ version, name }) => ({
    version,
    name,
    status: applied.has(version) ? 'applied' : 'pending',
  }));
}

/** Applies what is pending, all in the caller's transaction; returns what it applied. */
export async function migrateUp(
  db: Kysely<Tables>,
  of: { readonly kind: DatabaseKind; readonly nowMs: number },
): Promise<readonly MigrationState[]> {
  await sql`create table if not exists bia_migrations
    (version text primary key, name text not null, applied_at bigint not null)`.execute(db);
  const applied = await appliedVersions(db);
  const pending = MIGRATIONS.filter(({ version }) => !applied.has(version));
  for (const { version, name, up } of pending) {
    await up(db, of.kind);
    await db.insertInto('bia_migrations').values({ version, name, applied_at: of.nowMs }).execute();
  }
  return pending.map(({ version, name }) => ({ version, name, status: 'applied' }));
}

async function appliedVersions(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  try {
    const rows = await db.selectFrom('bia_migrations').select('version').execute();
    return new Set(rows.map((row) => row.version));
  } catch (error) {
    // A database that was never migrated has no such table; anything else is a real failure.
    if (isMissingTable(error)) return new Set();
    throw error;
  }
}

/** SQLite says it in its text; PostgreSQL by code 42P01, with a text in the language of the server. */
function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === '42P01') || error.message.startsWith('no such table');
}
