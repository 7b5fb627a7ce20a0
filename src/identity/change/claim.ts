// The first proof of an address by its owner: what a stranger may have left in the account before it ends.
import { changeIdentity } from '../assemble.ts';
import type { Credential, FullIdentity } from '../identity.ts';
import type { AddressKey, Change } from './change.ts';
import type { ChangeRules } from './plan.ts';

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
 * The person with no way in left but what follows from the traits. What is a second factor and nothing else stays: it lets
 * nobody in, and whoever reads somebody's mail must not get past it by being the first to prove the address. Another address that a stranger put beside the proven one
 * is held: no way in either, until the person saves their traits with it. The address itself is verified by
 * a change of its own, which has to come after this one.
 */
export function claimed(
  current: FullIdentity,
  { address, derive }: Extract<Change, { kind: 'claim' }>,
  { rules, nowMs }: { readonly rules: ChangeRules; readonly nowMs: number },
): FullIdentity {
  if (!isFirstProof(current, address)) return current;
  const traits = derive(current);
  // What the schema itself fills in, such as addresses for codes, is nobody's secret.
  const derived = traits?.credentials.filter(({ config }) => config).map(({ type }) => type) ?? [];
  const left = Object.values(current.credentials).flatMap((held): readonly Credential[] => {
    const { first, second } = rules.countFactors(held);
    if ((first === 0 && second > 0) || derived.includes(held.type)) return [held];
    return rules.ownIdentifiers.has(held.type) ? [] : [{ ...held, config: {}, updatedAtMs: nowMs }];
  });
  const bare = { ...current, credentials: Object.fromEntries(left.map((held) => [held.type, held])) };
  const { ownIdentifiers } = rules;
  const after = traits ? changeIdentity(bare, { nowMs, ownIdentifiers, traits }) : bare;
  return endsSomething(current, after) ? holdingOthers(after, address) : current;
}

function holdingOthers(current: FullIdentity, proven: AddressKey): FullIdentity {
  const hold = <Address extends AddressKey>(address: Address): Address =>
    address.via === proven.via && address.value === proven.value ? address : { ...address, isHeld: true };
  return {
    ...current,
    verifiableAddresses: current.verifiableAddresses.map(hold),
    recoveryAddresses: current.recoveryAddresses.map(hold),
  };
}

/** True where the address is one of the person's, and no way in. */
export const isHeldAddress = (
  { verifiableAddresses, recoveryAddresses }: FullIdentity,
  { via, value }: AddressKey,
): boolean =>
  [...verifiableAddresses, ...recoveryAddresses].some(
    (held) => held.via === via && held.value === value && held.isHeld,
  );
