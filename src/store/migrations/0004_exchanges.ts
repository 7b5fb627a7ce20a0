// Sessions that native apps fetch with two codes after a sign-in in the system browser.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'exchanges';

export async function up(db: Kysely<Tables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const text = kind === 'sqlite' ? 'text' : 'text collate "C"';
  const statements = [
    `create table session_exchanges (
      init_digest ${text} primary key, return_digest text, flow_id text, flow_kind text,
      sealed_token text, expires_at bigint not null)`,
    `create index session_exchanges_expires on session_exchanges (expires_at)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
