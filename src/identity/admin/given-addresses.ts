// What administrators say about addresses: which are verified, and since when.
import { normaliseIdentifier } from '../../schema/normalise.ts';
import type { AddressStatus, AddressVia, VerifiableAddress } from '../identity.ts';

export interface GivenAddress {
  readonly value: string;
  readonly via: AddressVia;
  readonly verified: boolean;
  readonly status?: AddressStatus;
  readonly verifiedAtMs?: number;
}

/**
 * The addresses with what was said about them. Which addresses there are follows from the traits alone: what is said
 * about others is left out, as in Kratos.
 */
export function withGiven(
  addresses: readonly VerifiableAddress[],
  given: readonly GivenAddress[],
  nowMs: number,
): readonly VerifiableAddress[] {
  return addresses.map((address) => {
    const said = given.find((other) => other.via === address.via && isSame(other.value, address.value));
    return said ? applied(address, said, nowMs) : address;
  });
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
