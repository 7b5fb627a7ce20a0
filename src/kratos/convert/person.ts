// The rows of a person -> the identity as we keep it, and credentials for their methods to take over.
import type { AddressStatus, AddressVia, Identity } from '../../identity/identity.ts';
import { type IdentityId, parseUuid } from '../../lib/ids.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { Row } from '../database/database.ts';
import type { KratosPerson } from '../read/identities.ts';
import { booleanAt, jsonAt, optionalTimeAt, textAt, timeAt } from '../read/values.ts';
import { type CipherSettings, type CredentialToImport, openCredential } from './credential.ts';

export interface ConvertedPerson {
  readonly identity: Identity;
  readonly credentials: readonly CredentialToImport[];
  readonly losses: readonly string[];
}

/** Throws an Error where a row makes no sense. */
export function convertPerson(person: KratosPerson, cipher: CipherSettings): ConvertedPerson {
  const { identity: row } = person;
  const id = identityId(row, 'id');
  const traits = jsonAt(row, 'traits');
  if (!isJsonObject(traits)) throw new Error('its traits are no object');
  const opened = person.credentials.map((credential) =>
    openCredential(credential.row, { ...credential, identityId: id, cipher }),
  );
  const { external_id: externalId } = row;
  return {
    identity: {
      id,
      ...(externalId ? { externalId } : {}),
      schemaId: textAt(row, 'schema_id'),
      state: row['state'] === 'inactive' ? 'inactive' : 'active',
      stateChangedAtMs: optionalTimeAt(row, 'state_changed_at') ?? timeAt(row, 'created_at'),
      traits,
      verifiableAddresses: person.verifiable.map(toVerifiable),
      recoveryAddresses: person.recovery.map(toRecovery),
      metadataPublic: jsonAt(row, 'metadata_public'),
      metadataAdmin: jsonAt(row, 'metadata_admin'),
      organizationId: row['organization_id'] || null,
      createdAtMs: timeAt(row, 'created_at'),
      updatedAtMs: timeAt(row, 'updated_at'),
    },
    credentials: opened.map(({ credential }) => credential),
    losses: opened.flatMap(({ losses }) => losses),
  };
}

export function identityId(row: Row, column: string): IdentityId {
  const id = parseUuid<IdentityId>(row[column]);
  if (!id) throw new Error('its id is no UUID');
  return id;
}

export const toVia = (text: string | null | undefined): AddressVia =>
  text === 'sms' || text === 'phone' ? 'sms' : 'email';

function toVerifiable(row: Row): Identity['verifiableAddresses'][number] {
  const verifiedAtMs = optionalTimeAt(row, 'verified_at');
  const isVerified = booleanAt(row, 'verified');
  return {
    id: textAt(row, 'id'),
    value: textAt(row, 'value'),
    via: toVia(row['via']),
    verified: isVerified,
    status: toStatus(row['status'], isVerified),
    ...(verifiedAtMs === undefined ? {} : { verifiedAtMs }),
    createdAtMs: timeAt(row, 'created_at'),
    updatedAtMs: timeAt(row, 'updated_at'),
  };
}

function toStatus(text: string | null | undefined, isVerified: boolean): AddressStatus {
  if (text === 'sent' || text === 'completed') return text;
  return isVerified ? 'completed' : 'pending';
}

function toRecovery(row: Row): Identity['recoveryAddresses'][number] {
  return {
    id: textAt(row, 'id'),
    value: textAt(row, 'value'),
    via: toVia(row['via']),
    createdAtMs: timeAt(row, 'created_at'),
    updatedAtMs: timeAt(row, 'updated_at'),
  };
}
