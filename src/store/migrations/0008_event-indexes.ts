// Administrators look through security events by time, kind, person and session.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'event indexes';

export async function up(db: Kysely<Tables>): Promise<void> {
  const statements = [
    'create index security_events_time on security_events (at, position)',
    // A kind that is rare must not lead through all the others.
    'create index security_events_kind on security_events (kind, at, position)',
    'create index security_events_session on security_events (session_id, at, position) where session_id is not null',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
