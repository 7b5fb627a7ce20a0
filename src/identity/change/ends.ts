// What ends with a change: codes and links to addresses that are gone, and those that would get past a new credential.
import type { FullIdentity } from '../identity.ts';
import type { AddressKey, Change } from './change.ts';
import { isFirstProof } from './claim.ts';
import { credentialFingerprint } from './snapshot.ts';

export interface Ends {
  /** Nothing that was sent there holds any more. */
  readonly addresses: readonly AddressKey[];
  /** Whatever was made for signing in or recovering without a credential. */
  readonly waysAroundCredentials: boolean;
  /** Every session from before. */
  readonly sessions: boolean;
}

export function endsOf(before: FullIdentity, after: FullIdentity, made: readonly Change[]): Ends {
  const isDisabled = before.state === 'active' && after.state !== 'active';
  return {
    addresses: goneAddresses(before, after),
    waysAroundCredentials: isDisabled || changedCredentials(before, after, made).length > 0,
    sessions: made.some((change) => change.kind === 'claim' && isFirstProof(before, change.address)),
  };
}

/** Types whose content is different, other than by upkeep alone. */
export function changedCredentials(
  before: FullIdentity,
  after: FullIdentity,
  made: readonly Change[] = [],
): readonly string[] {
  const types = new Set([...Object.keys(before.credentials), ...Object.keys(after.credentials)]);
  return [...types].filter((type) => {
    const changes = made.filter((change) => change.kind === 'credential' && change.type === type);
    const isUpkeep =
      changes.length > 0 && changes.every((change) => change.kind === 'credential' && change.isUpkeep);
    return !isUpkeep && credentialFingerprint(before, type) !== credentialFingerprint(after, type);
  });
}

function goneAddresses(before: FullIdentity, after: FullIdentity): readonly AddressKey[] {
  const held = addressesOf(after);
  return addressesOf(before).filter(
    ({ via, value }) => !held.some((other) => other.via === via && other.value === value),
  );
}

const addressesOf = ({ verifiableAddresses, recoveryAddresses }: FullIdentity): readonly AddressKey[] => [
  ...verifiableAddresses,
  ...recoveryAddresses,
];
