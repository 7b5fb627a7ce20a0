// Whose address is this?
import type { AddressVia, FullIdentity } from '../identity/identity.ts';
import type { Database } from './store.ts';

interface Wanted {
  readonly via: AddressVia;
  /** Normalised. */
  readonly value: string;
}

/** Who can be recovered by the address; undefined where it is nobody's, or only verified. */
export const findByRecoveryAddress = (
  of: { readonly database: Database },
  wanted: Wanted,
): Promise<FullIdentity | undefined> => findHolder(of, wanted, 'recoveryAddresses');

/** Whose address can be verified. */
export const findByVerifiableAddress = (
  of: { readonly database: Database },
  wanted: Wanted,
): Promise<FullIdentity | undefined> => findHolder(of, wanted, 'verifiableAddresses');

async function findHolder(
  { database }: { readonly database: Database },
  wanted: Wanted,
  kind: 'recoveryAddresses' | 'verifiableAddresses',
): Promise<FullIdentity | undefined> {
  const holder = await database.stores.identities.findHolder({ identifiers: [], addresses: [wanted] });
  const isTheirs = holder?.[kind].some((held) => held.via === wanted.via && held.value === wanted.value);
  return isTheirs ? holder : undefined;
}
