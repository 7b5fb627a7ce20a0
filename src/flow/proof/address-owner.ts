// Whose address is this?
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { AddressVia, Identity, RecoveryAddress } from '../../identity/identity.ts';
import type { Flow } from '../flow.ts';
import type { Database } from '../store.ts';
import { pendingOwnerId } from '../verification/pending-change.ts';

export interface Wanted {
  readonly via: AddressVia;
  /** Normalised. */
  readonly value: string;
}

/** Who can be recovered by the address; undefined where it is nobody's, or only verified. */
export const findByRecoveryAddress = (
  of: { readonly database: Database },
  wanted: Wanted,
): Promise<Snapshot | undefined> => findHolder(of, wanted, (holder) => usable(holder.recoveryAddresses));

/** Whose address can be verified. */
export const findByVerifiableAddress = (
  of: { readonly database: Database },
  wanted: Wanted,
): Promise<Snapshot | undefined> => findHolder(of, wanted, (holder) => holder.verifiableAddresses);

/** The same, or who waits in this flow for the address to become theirs. */
export async function findAddressee(
  of: { readonly database: Database },
  flow: Pick<Flow, 'internal'>,
  wanted: Wanted,
): Promise<Snapshot | undefined> {
  const holder = await findByVerifiableAddress(of, wanted);
  const waiting = holder ? undefined : pendingOwnerId(flow, wanted);
  return waiting ? of.database.stores.identities.findFull(waiting) : holder;
}

/** Those that one can recover by. */
export const usable = (addresses: readonly RecoveryAddress[]): readonly RecoveryAddress[] =>
  addresses.filter(({ isHeld }) => !isHeld);

async function findHolder(
  { database }: { readonly database: Database },
  wanted: Wanted,
  addressesOf: (holder: Identity) => readonly Wanted[],
): Promise<Snapshot | undefined> {
  const holder = await database.stores.identities.findHolder({ identifiers: [], addresses: [wanted] });
  if (!holder) return undefined;
  const isTheirs = addressesOf(holder).some((held) => held.via === wanted.via && held.value === wanted.value);
  return isTheirs ? holder : undefined;
}
