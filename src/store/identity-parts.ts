// The rows that hang on an identity: its addresses, its credentials and their identifiers.
import type { Insertable, Kysely } from 'kysely';
import type { Credential, Identity } from '../identity/identity.ts';
import type { IdentityId } from '../lib/ids.ts';
import type { Tables } from './tables.ts';

type AddressRow = Insertable<Tables['identity_addresses']>;

export function addressRows(identity: Identity): readonly AddressRow[] {
  const verifiable = identity.verifiableAddresses.map((address) => ({
    id: address.id,
    identity_id: identity.id,
    kind: 'verifiable',
    via: address.via,
    value: address.value,
    verified: address.verified ? 1 : 0,
    status: address.status,
    verified_at: address.verifiedAtMs ?? null,
    created_at: address.createdAtMs,
    updated_at: address.updatedAtMs,
  }));
  const recovery = identity.recoveryAddresses.map((address) => ({
    id: address.id,
    identity_id: identity.id,
    kind: 'recovery',
    via: address.via,
    value: address.value,
    verified: 0,
    status: '',
    verified_at: null,
    created_at: address.createdAtMs,
    updated_at: address.updatedAtMs,
  }));
  return [...verifiable, ...recovery];
}

/** Makes the stored addresses those of the identity; rows that stay the same are not written. */
export async function writeAddresses(db: Kysely<Tables>, identity: Identity): Promise<void> {
  const wanted = addressRows(identity);
  const held = await db
    .selectFrom('identity_addresses')
    .selectAll()
    .where('identity_id', '=', identity.id)
    .execute();
  const gone = held.filter((row) => !wanted.some((address) => address.id === row.id)).map((row) => row.id);
  if (gone.length > 0) await db.deleteFrom('identity_addresses').where('id', 'in', gone).execute();
  for (const address of wanted) {
    const before = held.find((row) => row.id === address.id);
    if (!before) await db.insertInto('identity_addresses').values(address).execute();
    else if (JSON.stringify(pick(before)) !== JSON.stringify(pick(address))) {
      await db.updateTable('identity_addresses').set(address).where('id', '=', address.id).execute();
    }
  }
}

const pick = (row: AddressRow): readonly unknown[] => [
  row.value,
  row.verified,
  row.status,
  row.verified_at,
  row.updated_at,
];

/** Adds or replaces a credential with its identifiers. */
export async function writeCredential(
  db: Kysely<Tables>,
  identityId: IdentityId,
  credential: Credential,
  state: 'new' | 'maybe-held' = 'maybe-held',
): Promise<void> {
  const columns = {
    config: JSON.stringify(credential.config),
    version: credential.version,
    updated_at: credential.updatedAtMs,
  };
  await db
    .insertInto('identity_credentials')
    .values({
      identity_id: identityId,
      type: credential.type,
      created_at: credential.createdAtMs,
      ...columns,
    })
    .onConflict((conflict) => conflict.columns(['identity_id', 'type']).doUpdateSet(columns))
    .execute();
  const { type } = credential;
  if (state === 'maybe-held') {
    await db
      .deleteFrom('identity_identifiers')
      .where('identity_id', '=', identityId)
      .where('type', '=', type)
      .execute();
  }
  const rows = credential.identifiers.map((identifier, position) => ({
    type,
    identifier,
    identity_id: identityId,
    position,
  }));
  if (rows.length > 0) await db.insertInto('identity_identifiers').values(rows).execute();
}
