// The tables, as both databases have them: times in milliseconds, JSON as text.
import type { Generated } from 'kysely';

interface IdentityTable {
  id: string;
  external_id: string | null;
  schema_id: string;
  state: string;
  state_changed_at: number;
  traits: string;
  metadata_public: string;
  metadata_admin: string;
  organization_id: string | null;
  created_at: number;
  updated_at: number;
}
interface CredentialTable {
  identity_id: string;
  type: string;
  config: string;
  version: number;
  created_at: number;
  updated_at: number;
}
interface IdentifierTable {
  type: string;
  identifier: string;
  identity_id: string;
  position: number;
}
interface AddressTable {
  id: string;
  identity_id: string;
  /** `verifiable` or `recovery`. */
  kind: string;
  via: string;
  value: string;
  /** Its place among those of its kind. */
  position: number;
  verified: number;
  status: string;
  verified_at: number | null;
  held: Generated<number>;
  created_at: number;
  updated_at: number;
}
interface SessionTable {
  id: string;
  identity_id: string;
  token_digest: string;
  active: number;
  issued_at: number;
  authenticated_at: number;
  expires_at: number;
  auth_methods: string;
  devices: string;
  created_at: number;
}
interface FlowTable {
  id: string;
  kind: string;
  version: number;
  identity_id: string | null;
  expires_at: number;
  consumed_at: number | null;
  body: string;
}
interface FlowErrorTable {
  id: string;
  error: string;
  created_at: number;
}
interface ParkedTable {
  id: string;
  identity_id: string;
  flow_id: string;
  payload: string;
  expires_at: number;
}
interface CounterTable {
  key: string;
  window_start: number;
  total: number;
}
interface EventTable {
  position: Generated<number>;
  kind: string;
  at: number;
  identity_id: string | null;
  session_id: string | null;
  flow_id: string | null;
  body: string;
}
interface OneTimeSecretTable {
  id: string;
  kind: string;
  purpose: string;
  flow_id: string;
  identity_id: string | null;
  digest: string;
  address: string;
  via: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
}
interface MessageTable {
  id: string;
  status: string;
  type: string;
  channel: string;
  recipient: string;
  subject: string;
  body: string;
  template_name: string;
  template_data: string;
  request_headers: string;
  send_count: number;
  next_attempt_at: number;
  lease: string | null;
  lease_until: number | null;
  created_at: number;
  updated_at: number;
}
interface DispatchTable {
  id: string;
  message_id: string;
  status: string;
  error: string | null;
  created_at: number;
}
interface ImportedTable {
  kind: string;
  id: string;
  seen: string;
  written: string;
}
interface ExchangeTable {
  init_digest: string;
  return_digest: Generated<string | null>;
  flow_id: Generated<string | null>;
  flow_kind: Generated<string | null>;
  sealed_token: Generated<string | null>;
  expires_at: number;
}
interface OutboxEventTable {
  position: Generated<number>;
  id: string;
  status: string;
  kind: string;
  target: string;
  stream: string;
  identity_id: string | null;
  flow_id: string;
  hook: string;
  sealed_payload: string;
  attempts: number;
  next_attempt_at: number;
  lease: string | null;
  lease_until: number | null;
  created_at: number;
  queued_at: number;
  updated_at: number;
}
interface OutboxAttemptTable {
  id: string;
  event_id: string;
  outcome: string;
  took_ms: number;
  at: number;
}
interface MigrationTable {
  version: string;
  name: string;
  applied_at: number;
}

export interface Tables {
  identities: IdentityTable;
  identity_credentials: CredentialTable;
  identity_identifiers: IdentifierTable;
  identity_addresses: AddressTable;
  sessions: SessionTable;
  flows: FlowTable;
  flow_errors: FlowErrorTable;
  parked_submissions: ParkedTable;
  counters: CounterTable;
  security_events: EventTable;
  one_time_secrets: OneTimeSecretTable;
  courier_messages: MessageTable;
  courier_dispatches: DispatchTable;
  imported_records: ImportedTable;
  session_exchanges: ExchangeTable;
  outbox_events: OutboxEventTable;
  outbox_attempts: OutboxAttemptTable;
  bia_migrations: MigrationTable;
}
