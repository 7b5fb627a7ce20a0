// The first proof of an address by its owner: what a stranger may have left in the account before it ends.
import { changeIdentity } from '../assemble.ts';
import type { Credential, FullIdentity } from '../identity.ts';
import type { AddressKey, Change } from './change.ts';

/** True where this proof is the first that anybody gave of any address of the account. */
export function isFirstProof(before: FullIdentity, { via, value }: AddressKey): boolean {
  const isTheirs = before.verifiableAddresses.some(
    (address) => address.via === via && address.value === value,
  );
  // An account whose addresses are never verified has no first proof: each recovery would look like one.
  return isTheirs && !before.verifiableAddresses.some((address) => address.verified);
}

/** True where the proof takes something away, so that the person has to be told. */
export const endsSomething = (before: FullIdentity, after: FullIdentity): boolean =>
  Object.values(before.credentials).some((held) => isOwnSecret(held, after.credentials[held.type]));

const isOwnSecret = (before: Credential, after: Credential | undefined): boolean =>
  Object.keys(before.config).length > 0 && JSON.stringify(after?.config) !== JSON.stringify(before.config);

/**
 * The person with nothing left but what follows from the traits. The address itself is verified by a change of its own,
 * which has to come after this one.
 */
export function claimed(
  current: FullIdentity,
  { address, derive }: Extract<Change, { kind: 'claim' }>,
  of: { readonly nowMs: number; readonly ownIdentifiers: ReadonlySet<string> },
): FullIdentity {
  if (!isFirstProof(current, address)) return current;
  const kept = Object.values(current.credentials).filter(({ type }) => !of.ownIdentifiers.has(type));
  const emptied = Object.fromEntries(
    kept.map((held) => [held.type, { ...held, config: {}, updatedAtMs: of.nowMs } satisfies Credential]),
  );
  const traits = derive(current);
  const bare: FullIdentity = { ...current, credentials: emptied };
  return traits ? changeIdentity(bare, { ...of, traits }) : bare;
}
