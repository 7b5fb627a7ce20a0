// Events for services of the operator's, with the tries to deliver them.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'outbox';

export async function up(db: Kysely<Tables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const text = kind === 'sqlite' ? 'text' : 'text collate "C"';
  const time = 'bigint not null';
  const position = kind === 'sqlite' ? 'integer primary key autoincrement' : 'bigserial primary key';
  const statements = [
    // No reference to the identity: that it was deleted is no reason not to tell what it did before.
    `create table outbox_events (
      position ${position}, id ${text} not null unique, status text not null, kind text not null,
      target ${text} not null, stream ${text} not null, identity_id ${text}, flow_id text not null, hook text not null,
      sealed_payload text not null, attempts integer not null, next_attempt_at ${time}, lease text, lease_until bigint,
      created_at ${time}, queued_at ${time}, updated_at ${time})`,
    // Only what waits is looked at by workers, however much was delivered before.
    `create index outbox_events_due on outbox_events (next_attempt_at) where status in ('queued', 'sending')`,
    `create index outbox_events_stream on outbox_events (stream, position) where status in ('queued', 'sending')`,
    `create index outbox_events_created on outbox_events (created_at, id)`,
    `create index outbox_events_settled on outbox_events (updated_at) where status in ('delivered', 'abandoned')`,
    `create table outbox_attempts (
      id ${text} primary key, event_id ${text} not null references outbox_events(id) on delete cascade,
      outcome text not null, took_ms integer not null, at ${time})`,
    `create index outbox_attempts_event on outbox_attempts (event_id, at)`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
