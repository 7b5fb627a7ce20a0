// The first schema, written so that both databases understand it.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'initial';

export async function up(db: Kysely<Tables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  for (const statement of statements(kind)) await sql.raw(statement).execute(db);
}

function statements(kind: 'sqlite' | 'postgres'): readonly string[] {
  const time = 'bigint not null';
  const position = kind === 'sqlite' ? 'integer primary key autoincrement' : 'bigserial primary key';
  // C collation: key-set pages and prefix searches compare bytes, on every database alike.
  const text = kind === 'sqlite' ? 'text' : 'text collate "C"';
  const owner = `${text} not null references identities(id) on delete cascade`;
  return [
    `create table identities (
      id ${text} primary key, external_id ${text} unique, schema_id text not null, state text not null,
      state_changed_at ${time}, traits text not null, metadata_public text not null, metadata_admin text not null,
      organization_id text, created_at ${time}, updated_at ${time})`,
    `create index identities_organization on identities (organization_id) where organization_id is not null`,
    `create table identity_credentials (
      identity_id ${owner}, type text not null, config text not null, version integer not null,
      created_at ${time}, updated_at ${time}, primary key (identity_id, type))`,
    `create table identity_identifiers (
      type text not null, identifier ${text} not null, identity_id ${owner}, position integer not null,
      primary key (type, identifier))`,
    `create index identity_identifiers_identifier on identity_identifiers (identifier, identity_id)`,
    `create index identity_identifiers_owner on identity_identifiers (identity_id, type, position)`,
    `create table identity_addresses (
      id ${text} primary key, identity_id ${owner}, kind text not null, via text not null, value ${text} not null,
      position integer not null, verified integer not null, status text not null, verified_at bigint,
      created_at ${time}, updated_at ${time})`,
    `create unique index identity_addresses_value on identity_addresses (kind, via, value)`,
    `create index identity_addresses_owner on identity_addresses (identity_id)`,
    `create table sessions (
      id ${text} primary key, identity_id ${owner}, token_digest text not null, active integer not null,
      issued_at ${time}, authenticated_at ${time}, expires_at ${time}, auth_methods text not null,
      devices text not null, created_at ${time})`,
    `create unique index sessions_token on sessions (token_digest)`,
    `create index sessions_owner on sessions (identity_id, created_at, id)`,
    `create index sessions_created on sessions (created_at, id)`,
    `create index sessions_expires on sessions (expires_at)`,
    `create table flows (
      id ${text} primary key, kind text not null, version integer not null,
      identity_id ${text} references identities(id) on delete cascade,
      expires_at ${time}, consumed_at bigint, body text not null)`,
    `create index flows_owner on flows (identity_id) where identity_id is not null`,
    `create index flows_expires on flows (expires_at)`,
    `create table flow_errors (id ${text} primary key, error text not null, created_at ${time})`,
    `create index flow_errors_created on flow_errors (created_at)`,
    `create table parked_submissions (
      id ${text} primary key, identity_id ${owner},
      flow_id ${text} not null references flows(id) on delete cascade, payload text not null, expires_at ${time})`,
    `create index parked_submissions_owner on parked_submissions (identity_id)`,
    `create index parked_submissions_flow on parked_submissions (flow_id)`,
    `create index parked_submissions_expires on parked_submissions (expires_at)`,
    `create table counters (
      key ${text} not null, window_start bigint not null, total bigint not null, primary key (key, window_start))`,
    `create index counters_window on counters (window_start)`,
    `create table security_events (
      position ${position}, kind text not null, at ${time}, identity_id text, session_id text, flow_id text,
      body text not null)`,
    `create index security_events_identity on security_events (identity_id, at)`,
  ];
}
