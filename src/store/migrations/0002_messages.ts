// Messages to people with their attempts, and the one-time secrets that they carry.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'messages';

export async function up(db: Kysely<Tables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  for (const statement of statements(kind)) await sql.raw(statement).execute(db);
}

function statements(kind: 'sqlite' | 'postgres'): readonly string[] {
  const time = 'bigint not null';
  // C collation: key-set pages compare bytes, on every database alike.
  const text = kind === 'sqlite' ? 'text' : 'text collate "C"';
  return [
    `create table one_time_secrets (
      id ${text} primary key, kind text not null, purpose text not null,
      flow_id ${text} not null references flows(id) on delete cascade,
      identity_id ${text} references identities(id) on delete cascade,
      digest text not null, address text not null, via text not null,
      created_at ${time}, expires_at ${time}, used_at bigint)`,
    `create index one_time_secrets_flow on one_time_secrets (flow_id, purpose)`,
    `create index one_time_secrets_owner on one_time_secrets (identity_id) where identity_id is not null`,
    `create index one_time_secrets_expires on one_time_secrets (expires_at)`,
    `create table courier_messages (
      id ${text} primary key, status text not null, type text not null, channel text not null,
      recipient ${text} not null, subject text not null, body text not null, template_name text not null,
      template_data text not null, request_headers text not null, send_count integer not null,
      next_attempt_at ${time}, lease text, lease_until bigint, created_at ${time}, updated_at ${time})`,
    // Only what waits is looked at by workers, however many messages were sent before.
    `create index courier_messages_due on courier_messages (next_attempt_at) where status in ('queued', 'processing')`,
    `create index courier_messages_created on courier_messages (created_at, id)`,
    `create index courier_messages_recipient on courier_messages (recipient, created_at, id)`,
    `create table courier_dispatches (
      id ${text} primary key, message_id ${text} not null references courier_messages(id) on delete cascade,
      status text not null, error text, created_at ${time})`,
    `create index courier_dispatches_message on courier_dispatches (message_id, created_at)`,
  ];
}
