// An address that was proven counts as verified from then on, wherever the proof came from.
import type { FullIdentity } from '../../identity/identity.ts';
import type { ProvenAddress } from '../method/outcome.ts';

/** The identity with the proven address verified; the same object where nothing changes. */
export function withVerifiedAddress(
  identity: FullIdentity,
  proven: ProvenAddress | undefined,
  nowMs: number,
): FullIdentity {
  const fits = (address: { readonly via: string; readonly value: string }): boolean =>
    address.via === proven?.via && address.value === proven.value;
  const isPending = identity.verifiableAddresses.some(
    (address) => fits(address) && !(address.verified && address.status === 'completed'),
  );
  if (!isPending) return identity;
  return {
    ...identity,
    verifiableAddresses: identity.verifiableAddresses.map((address) =>
      fits(address)
        ? {
            ...address,
            verified: true,
            status: 'completed',
            verifiedAtMs: address.verifiedAtMs ?? nowMs,
            updatedAtMs: nowMs,
          }
        : address,
    ),
  };
}
