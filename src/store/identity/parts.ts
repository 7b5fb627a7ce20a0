// The rows that hang on an identity: its addresses, its credentials and their identifiers.
import type { Insertable, Kysely } from 'kysely';
import type { Credential, FullIdentity, Identity } from '../../identity/identity.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { requireStorable } from '../handle.ts';
import type { Tables } from '../tables.ts';

type AddressRow = Insertable<Tables['identity_addresses']>;

export function addressRows(identity: Identity): readonly AddressRow[] {
  const verifiable = identity.verifiableAddresses.map((address, position) => ({
    id: address.id,
    identity_id: identity.id,
    kind: 'verifiable',
    via: address.via,
    value: address.value,
    position,
    verified: address.verified ? 1 : 0,
    status: address.status,
    verified_at: address.verifiedAtMs ?? null,
    held: address.isHeld ? 1 : 0,
    created_at: address.createdAtMs,
    updated_at: address.updatedAtMs,
  }));
  const recovery = identity.recoveryAddresses.map((address, position) => ({
    id: address.id,
    identity_id: identity.id,
    kind: 'recovery',
    via: address.via,
    value: address.value,
    position,
    verified: 0,
    status: '',
    verified_at: null,
    held: address.isHeld ? 1 : 0,
    created_at: address.createdAtMs,
    updated_at: address.updatedAtMs,
  }));
  return [...verifiable, ...recovery];
}

/** Makes the stored addresses those of the identity; rows that stay the same are not written. */
export async function writeAddresses(db: Kysely<Tables>, identity: Identity): Promise<void> {
  const wanted = addressRows(identity);
  requireStorable(wanted.map(({ value }) => value));
  const held = await db
    .selectFrom('identity_addresses')
    .select(ADDRESS_COLUMNS)
    .where('identity_id', '=', identity.id)
    .execute();
  // One that now says something else is written anew: two that exchange their values would be in each other's way.
  const isKept = (row: Pick<AddressRow, 'id' | 'kind' | 'via' | 'value'>): boolean =>
    wanted.some(
      ({ id, kind, via, value }) =>
        id === row.id && kind === row.kind && via === row.via && value === row.value,
    );
  const gone = held.filter((row) => !isKept(row)).map((row) => row.id);
  if (gone.length > 0) await db.deleteFrom('identity_addresses').where('id', 'in', gone).execute();
  const fresh = wanted.filter(({ id }) => gone.includes(id) || !held.some((row) => row.id === id));
  if (fresh.length > 0) await db.insertInto('identity_addresses').values(fresh).execute();
  for (const address of wanted) {
    const before = held.find((row) => row.id === address.id && !gone.includes(row.id));
    if (!before || ADDRESS_COLUMNS.every((column) => before[column] === address[column])) continue;
    await db.updateTable('identity_addresses').set(address).where('id', '=', address.id).execute();
  }
}

const ADDRESS_COLUMNS = [
  'id',
  'kind',
  'via',
  'value',
  'position',
  'verified',
  'status',
  'verified_at',
  'held',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof AddressRow)[];

/** Makes the stored credentials those of the identity; those that stay the same are not written. */
export async function writeCredentials(db: Kysely<Tables>, identity: FullIdentity): Promise<void> {
  const held = await db
    .selectFrom('identity_credentials')
    .select(['type', 'config', 'version', 'created_at', 'updated_at'])
    .where('identity_id', '=', identity.id)
    .execute();
  const identifiers = await db
    .selectFrom('identity_identifiers')
    .select(['type', 'identifier'])
    .where('identity_id', '=', identity.id)
    .orderBy('position')
    .execute();
  for (const { type } of held) {
    if (!identity.credentials[type]) await deleteCredential(db, identity.id, type);
  }
  for (const credential of Object.values(identity.credentials)) {
    const { type } = credential;
    const before = held.find((row) => row.type === type);
    const names = identifiers.filter((row) => row.type === type).map((row) => row.identifier);
    const isSame =
      before?.config === JSON.stringify(credential.config) &&
      before.version === credential.version &&
      before.updated_at === credential.updatedAtMs &&
      JSON.stringify(names) === JSON.stringify(credential.identifiers);
    if (!isSame) await writeCredential(db, identity.id, credential, before ? 'maybe-held' : 'new');
  }
}

async function deleteCredential(db: Kysely<Tables>, identityId: IdentityId, type: string): Promise<void> {
  await db
    .deleteFrom('identity_identifiers')
    .where('identity_id', '=', identityId)
    .where('type', 'in', [type, claimType(type)])
    .execute();
  await db
    .deleteFrom('identity_credentials')
    .where('identity_id', '=', identityId)
    .where('type', '=', type)
    .execute();
}

/** Claims stand among the identifiers, which are unique by type, under a type that no method can have. */
const claimType = (type: string): string => `${type}${CLAIM_SUFFIX}`;
export const CLAIM_SUFFIX = '/claim';

/** Each credential as a row, with those of its identifiers and claims. */
export function credentialRows(identityId: IdentityId, credentials: FullIdentity['credentials']) {
  return Object.values(credentials).map((credential) => ({
    credential: {
      identity_id: identityId,
      type: credential.type,
      config: JSON.stringify(credential.config),
      version: credential.version,
      created_at: credential.createdAtMs,
      updated_at: credential.updatedAtMs,
    },
    identifiers: identifierRows(identityId, credential),
  }));
}

/** A credential that holds nothing claims nothing. */
function identifierRows(identityId: IdentityId, { type, identifiers, config, claims = [] }: Credential) {
  const row = (rowType: string) => (identifier: string, position: number) => ({
    type: rowType,
    identifier,
    identity_id: identityId,
    position,
  });
  const claimed = Object.keys(config).length === 0 ? [] : claims;
  return [...identifiers.map(row(type)), ...claimed.map(row(claimType(type)))];
}

/** Adds or replaces a credential with its identifiers and claims. */
async function writeCredential(
  db: Kysely<Tables>,
  identityId: IdentityId,
  credential: Credential,
  state: 'new' | 'maybe-held' = 'maybe-held',
): Promise<void> {
  requireStorable([...credential.identifiers, ...(credential.claims ?? [])]);
  const columns = {
    config: JSON.stringify(credential.config),
    version: credential.version,
    updated_at: credential.updatedAtMs,
  };
  const insert = db.insertInto('identity_credentials').values({
    identity_id: identityId,
    type: credential.type,
    created_at: credential.createdAtMs,
    ...columns,
  });
  // Looking for one that is there counts as a read, with which other transactions can collide: only where there may be one.
  if (state === 'new') await insert.execute();
  else
    await insert
      .onConflict((conflict) => conflict.columns(['identity_id', 'type']).doUpdateSet(columns))
      .execute();
  const { type } = credential;
  if (state === 'maybe-held') {
    // Claims are not read back with a credential: who does not name them leaves them.
    const isClaimed = credential.claims !== undefined || Object.keys(credential.config).length === 0;
    await db
      .deleteFrom('identity_identifiers')
      .where('identity_id', '=', identityId)
      .where('type', 'in', isClaimed ? [type, claimType(type)] : [type])
      .execute();
  }
  const rows = identifierRows(identityId, credential);
  if (rows.length > 0) await db.insertInto('identity_identifiers').values(rows).execute();
}
