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
 * The person with nothing left but what follows from the traits. Another address that a stranger put beside the proven one
 * is no way in any more either: it comes back when the person saves their traits with it. The address itself is verified by
 * a change of its own, which has to come after this one.
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
  return withoutOthers(traits ? changeIdentity(bare, { ...of, traits }) : bare, address);
}

function withoutOthers(current: FullIdentity, proven: AddressKey): FullIdentity {
  const { verifiableAddresses, recoveryAddresses, credentials } = current;
  const others = [...verifiableAddresses, ...recoveryAddresses]
    .filter((held) => held.via !== proven.via || held.value !== proven.value)
    .map(({ value }) => value);
  if (others.length === 0) return current;
  const withoutThem = (held: Credential): Credential => ({
    ...held,
    identifiers: held.identifiers.filter((identifier) => !others.includes(identifier)),
  });
  return {
    ...current,
    recoveryAddresses: recoveryAddresses.filter(({ value }) => !others.includes(value)),
    credentials: Object.fromEntries(
      Object.entries(credentials).map(([type, held]) => [type, withoutThem(held)]),
    ),
  };
}
