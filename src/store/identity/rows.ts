// Identities as rows: the columns that read one with addresses and credentials in a single query, and back.
import { type RawBuilder, sql } from 'kysely';
import { asSnapshot, type Snapshot } from '../../identity/change/snapshot.ts';
import type { Credential, Identity } from '../../identity/identity.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import type { DatabaseKind } from '../handle.ts';

export interface IdentityRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly schema_id: string;
  readonly state: string;
  readonly state_changed_at: number;
  readonly traits: string;
  readonly metadata_public: string;
  readonly metadata_admin: string;
  readonly organization_id: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  /** JSON arrays made by the database. */
  readonly addresses: string;
  readonly credentials: string;
}

const aggregate = (kind: DatabaseKind, fields: string): string =>
  kind === 'sqlite'
    ? `json_group_array(json_object(${fields}))`
    : `coalesce(json_agg(json_build_object(${fields})), '[]')::text`;

/** The addresses of identity `i` as a JSON array. */
export function addressesColumn(kind: DatabaseKind): string {
  const fields = `'id', a.id, 'kind', a.kind, 'via', a.via, 'value', a.value, 'position', a.position,
    'verified', a.verified, 'status', a.status, 'verified_at', a.verified_at, 'held', a.held, 'created_at', a.created_at, 'updated_at', a.updated_at`;
  return `(select ${aggregate(kind, fields)} from identity_addresses a where a.identity_id = i.id)`;
}

/** The credentials of identity `i` as a JSON array; `where` limits them. */
export function credentialsColumn(
  kind: DatabaseKind,
  where: string,
  config: 'with config' | 'without config' = 'with config',
): string {
  const names =
    kind === 'sqlite'
      ? `json((select json_group_array(n.identifier) from (select identifier from identity_identifiers
          where identity_id = c.identity_id and type = c.type order by position) n))`
      : `(select coalesce(json_agg(n.identifier order by n.position), '[]') from identity_identifiers n
          where n.identity_id = c.identity_id and n.type = c.type)`;
  const fields = `'type', c.type, 'config', ${config === 'with config' ? 'c.config' : "'{}'"}, 'version', c.version, 'created_at', c.created_at,
    'updated_at', c.updated_at, 'identifiers', ${names}`;
  return `(select ${aggregate(kind, fields)} from identity_credentials c where c.identity_id = i.id ${where})`;
}

/**
 * The columns of identity `i`, by name: a prepared statement that asks for all there are fails as soon as another node
 * has migrated the table.
 */
export const IDENTITY_COLUMNS = `i.id, i.external_id, i.schema_id, i.state, i.state_changed_at, i.traits,
  i.metadata_public, i.metadata_admin, i.organization_id, i.created_at, i.updated_at`;

/** Selects whole identities as `i` from the given rows; the caller adds `where` and `order by`. */
export function selectIdentities(
  kind: DatabaseKind,
  rest: RawBuilder<unknown>,
  from: RawBuilder<unknown> = sql`identities`,
): RawBuilder<IdentityRow> {
  return sql<IdentityRow>`select ${sql.raw(IDENTITY_COLUMNS)}, ${sql.raw(addressesColumn(kind))} as addresses,
    ${sql.raw(credentialsColumn(kind, ''))} as credentials from ${from} i ${rest}`;
}

interface AddressJson {
  readonly id: string;
  readonly kind: 'verifiable' | 'recovery';
  readonly via: 'email' | 'sms';
  readonly value: string;
  readonly position: number;
  readonly verified: number;
  readonly status: 'pending' | 'sent' | 'completed';
  readonly verified_at: number | null;
  readonly held: number;
  readonly created_at: number;
  readonly updated_at: number;
}
interface CredentialJson {
  readonly type: string;
  readonly config: string;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly identifiers: readonly string[];
}

// The casts in this file read back exactly what this store wrote.
const parse = <T>(text: string): T => (text === 'null' ? null : JSON.parse(text)) as T;

const held = (address: AddressJson) => (address.held === 1 ? { isHeld: true as const } : {});

export function toIdentity(row: Omit<IdentityRow, 'credentials'>): Identity {
  // The database collects them in any order.
  const addresses = parse<AddressJson[]>(row.addresses).sort((a, b) => a.position - b.position);
  return {
    id: row.id as IdentityId,
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
    schemaId: row.schema_id,
    state: row.state === 'inactive' ? 'inactive' : 'active',
    stateChangedAtMs: row.state_changed_at,
    traits: parse<JsonObject>(row.traits),
    verifiableAddresses: addresses.flatMap((address) =>
      address.kind === 'verifiable'
        ? [
            {
              id: address.id,
              value: address.value,
              via: address.via,
              verified: address.verified === 1,
              status: address.status,
              ...(address.verified_at === null ? {} : { verifiedAtMs: address.verified_at }),
              ...held(address),
              createdAtMs: address.created_at,
              updatedAtMs: address.updated_at,
            },
          ]
        : [],
    ),
    recoveryAddresses: addresses.flatMap((address) =>
      address.kind === 'recovery'
        ? [
            {
              id: address.id,
              value: address.value,
              via: address.via,
              ...held(address),
              createdAtMs: address.created_at,
              updatedAtMs: address.updated_at,
            },
          ]
        : [],
    ),
    metadataPublic: parse<Json>(row.metadata_public),
    metadataAdmin: parse<Json>(row.metadata_admin),
    organizationId: row.organization_id,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}

export function toCredentials(text: string): readonly Credential[] {
  if (text === '[]') return [];
  return parse<readonly CredentialJson[]>(text).map((credential) => ({
    type: credential.type,
    identifiers: credential.identifiers,
    config: parse<JsonObject>(credential.config),
    version: credential.version,
    createdAtMs: credential.created_at,
    updatedAtMs: credential.updated_at,
  }));
}

export function toSnapshot(row: IdentityRow): Snapshot {
  const credentials = toCredentials(row.credentials);
  return asSnapshot({ ...toIdentity(row), credentials: byType(credentials) });
}

export const byType = (credentials: readonly Credential[]): Readonly<Record<string, Credential>> =>
  Object.fromEntries(credentials.map((credential) => [credential.type, credential]));

export function toIdentityColumns(identity: Identity): Omit<IdentityRow, 'addresses' | 'credentials'> {
  return {
    id: identity.id,
    external_id: identity.externalId ?? null,
    schema_id: identity.schemaId,
    state: identity.state,
    state_changed_at: identity.stateChangedAtMs,
    traits: JSON.stringify(identity.traits),
    metadata_public: JSON.stringify(identity.metadataPublic),
    metadata_admin: JSON.stringify(identity.metadataAdmin),
    organization_id: identity.organizationId,
    created_at: identity.createdAtMs,
    updated_at: identity.updatedAtMs,
  };
}
