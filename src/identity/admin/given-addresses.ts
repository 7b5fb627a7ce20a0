// What administrators say about addresses: which are verified, and since when there are such.
import { normaliseIdentifier } from '../../schema/normalise.ts';
import type { AddressStatus, Identity, RecoveryAddress, VerifiableAddress } from '../identity.ts';

/** `via` may be anything: what is said about an address that does not follow from the traits is left out. */
export interface GivenRecoveryAddress {
  readonly value: string;
  readonly via: string;
  readonly createdAtMs?: number;
}

export interface GivenAddress extends GivenRecoveryAddress {
  readonly verified: boolean;
  readonly status?: AddressStatus;
  readonly verifiedAtMs?: number;
}

export interface GivenAddresses {
  readonly verifiable: readonly GivenAddress[];
  readonly recovery: readonly GivenRecoveryAddress[];
}

/** The addresses of a new identity with what was said about them, as they were in the system that they come from. */
export function asGiven(
  { verifiableAddresses, recoveryAddresses }: Pick<Identity, 'verifiableAddresses' | 'recoveryAddresses'>,
  given: GivenAddresses,
  nowMs: number,
): Pick<Identity, 'verifiableAddresses' | 'recoveryAddresses'> {
  return {
    verifiableAddresses: verifiableAddresses.map((address) => {
      const said = saidOf(address, given.verifiable);
      if (!said) return address;
      const made = applied(address, said, nowMs);
      return {
        ...made,
        status: said.status ?? made.status,
        createdAtMs: said.createdAtMs ?? made.createdAtMs,
      };
    }),
    recoveryAddresses: recoveryAddresses.map((address) => {
      const createdAtMs = saidOf(address, given.recovery)?.createdAtMs ?? address.createdAtMs;
      return { ...address, createdAtMs };
    }),
  };
}

/**
 * The addresses of an identity after a change, with what was said about them. Which addresses there are follows from the
 * traits alone.
 */
export function withGiven(
  addresses: readonly VerifiableAddress[],
  given: readonly GivenAddress[],
  nowMs: number,
): readonly VerifiableAddress[] {
  return addresses.map((address) => {
    const said = saidOf(address, given);
    return said ? applied(address, said, nowMs) : address;
  });
}

function saidOf<T extends GivenRecoveryAddress>(
  address: VerifiableAddress | RecoveryAddress,
  given: readonly T[],
): T | undefined {
  return given.find((other) => other.via === address.via && isSame(other.value, address.value));
}

const isSame = (given: string, stored: string): boolean =>
  given === stored || normaliseIdentifier(given) === stored;

/** `verified` decides; status and time follow it, so that they cannot contradict each other. */
function applied(address: VerifiableAddress, said: GivenAddress, nowMs: number): VerifiableAddress {
  const { verifiedAtMs: before, ...rest } = address;
  const pending = said.status === 'completed' ? 'pending' : (said.status ?? address.status);
  const next: VerifiableAddress = said.verified
    ? { ...rest, verified: true, status: 'completed', verifiedAtMs: said.verifiedAtMs ?? before ?? nowMs }
    : { ...rest, verified: false, status: pending === 'completed' ? 'pending' : pending };
  const isUnchanged =
    next.verified === address.verified && next.status === address.status && next.verifiedAtMs === before;
  return isUnchanged ? address : { ...next, updatedAtMs: nowMs };
}
