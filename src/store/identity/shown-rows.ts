// Identities as rows that are read to be shown: lists of values, and JSON that stays text.
import type { RecoveryAddress, VerifiableAddress } from '../../identity/identity.ts';
import type { ShownIdentity } from '../../identity/shown.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { DatabaseKind } from '../handle.ts';
import { IDENTITY_COLUMNS } from './rows.ts';

const listed = (kind: DatabaseKind, values: string): string =>
  kind === 'sqlite'
    ? `json_group_array(json_array(${values}))`
    : `coalesce(json_agg(json_build_array(${values})), '[]')::text`;

/** The addresses of identity `i` as a JSON array of lists of values. */
const shownAddressesColumn = (kind: DatabaseKind): string =>
  `(select ${listed(kind, 'a.position, a.kind, a.id, a.via, a.value, a.verified, a.status, a.verified_at, a.created_at, a.updated_at')}
    from identity_addresses a where a.identity_id = i.id)`;

/** Of identity `i`, in the order of ShownRow. */
export const shownColumns = (kind: DatabaseKind): string =>
  `${IDENTITY_COLUMNS}, ${shownAddressesColumn(kind)} as addresses`;

/** How many columns that are: what a statement adds begins here. */
export const SHOWN_COUNT = 12;

export type ShownRow = readonly [
  id: string,
  externalId: string | null,
  schemaId: string,
  state: string,
  stateChangedAt: number,
  traits: string,
  metadataPublic: string,
  metadataAdmin: string,
  organizationId: string | null,
  createdAt: number,
  updatedAt: number,
  addresses: string,
];

type ShownAddress = readonly [
  position: number,
  kind: 'verifiable' | 'recovery',
  id: string,
  via: 'email' | 'sms',
  value: string,
  verified: number,
  status: 'pending' | 'sent' | 'completed',
  verifiedAt: number | null,
  createdAt: number,
  updatedAt: number,
];

/** Takes rows with more columns behind. */
export function toShown(row: readonly [...ShownRow, ...unknown[]]): ShownIdentity {
  const [id, externalId, schemaId, state, stateChangedAtMs, traits, metadataPublic, metadataAdmin] = row;
  const [, , , , , , , , organizationId, createdAtMs, updatedAtMs, addressesText] = row;
  const verifiableAddresses: VerifiableAddress[] = [];
  const recoveryAddresses: RecoveryAddress[] = [];
  for (const address of addressesOf(addressesText)) {
    const [, kind, addressId, via, value, verified, status, verifiedAtMs, created, updated] = address;
    const common = { id: addressId, value, via, createdAtMs: created, updatedAtMs: updated };
    if (kind === 'recovery') recoveryAddresses.push(common);
    else {
      const verifiedAt = verifiedAtMs === null ? {} : { verifiedAtMs };
      verifiableAddresses.push({ ...common, verified: verified === 1, status, ...verifiedAt });
    }
  }
  return {
    id: id as IdentityId,
    ...(externalId === null ? {} : { externalId }),
    schemaId,
    state: state === 'inactive' ? 'inactive' : 'active',
    ...{ stateChangedAtMs, traits, metadataPublic, metadataAdmin, organizationId, createdAtMs, updatedAtMs },
    ...{ verifiableAddresses, recoveryAddresses },
  };
}

/** Reads back what shownAddressesColumn wrote; the database collects them in any order. */
const addressesOf = (text: string): readonly ShownAddress[] =>
  (JSON.parse(text) as ShownAddress[]).sort(([a], [b]) => a - b);
