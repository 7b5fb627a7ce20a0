// Plan and present person -> the person as they are to be stored, or why not. Nothing is read or written here.
import { changeIdentity } from '../assemble.ts';
import type { FullIdentity, VerifiableAddress } from '../identity.ts';
import type { AddressKey, Change, CredentialEdit } from './change.ts';
import { claimed, isHeldAddress } from './claim.ts';
import { withFollowers } from './followers.ts';
import type { ChangeRules, Guard, Guarded, HeldAddress, Plan, Stale } from './plan.ts';
import { credentialFingerprint, type Since, traitsFingerprint } from './snapshot.ts';

export interface Decided {
  readonly kind: 'decided';
  /** The same object where nothing is different. */
  readonly after: FullIdentity;
  /** Changes that were made, in their order. */
  readonly made: readonly Change[];
}

/** `isSessionActive`: what the store says of the session that the guard names. */
export function decide(
  before: FullIdentity,
  plan: Plan,
  isSessionActive: boolean,
): Decided | Stale | Guarded {
  const by = brokenGuard(before, plan.guard, isSessionActive);
  if (by) return { kind: 'guarded', by };
  const stale = plan.changes.find((change) => !fits(before, change));
  if (stale) return { kind: 'stale', part: partOf(stale) };
  const optional = (plan.optional ?? []).filter((change) => fits(before, change));
  const made = [...plan.changes, ...optional];
  const { kinds = [], ownIdentifiers } = plan.rules;
  const changed = withChanges(before, made, plan);
  const after =
    changed === before ? before : withFollowers(before, changed, { ...plan, kinds, ownIdentifiers });
  const hasLost = countFirst(before, plan.rules) > 0 && countFirst(after, plan.rules) === 0;
  if (plan.guard.keepsFirstFactor && hasLost) return { kind: 'guarded', by: 'keepsFirstFactor' };
  return { kind: 'decided', after, made };
}

/** The person with the changes made, whether or not they still fit: what a form is going to do, for hooks and for showing. */
export function withChanges<Before extends FullIdentity>(
  before: Before,
  changes: readonly Change[],
  when: Pick<Plan, 'rules' | 'nowMs'>,
): Before | FullIdentity {
  return changes.reduce<Before | FullIdentity>((current, change) => made(current, change, when), before);
}

function brokenGuard(before: FullIdentity, guard: Guard, isSessionActive: boolean): keyof Guard | undefined {
  if (guard.state !== undefined && before.state !== guard.state) return 'state';
  if (guard.session !== undefined && !isSessionActive) return 'session';
  if (guard.holds?.some((address) => !holds(before, address))) return 'holds';
  if (guard.credentials?.some(({ type, since }) => !isCredentialAsSeen(before, type, since))) {
    return 'credentials';
  }
  return undefined;
}

function holds(person: FullIdentity, { as, via, value }: HeldAddress): boolean {
  const isIn = (list: readonly AddressKey[]): boolean =>
    list.some((held) => held.via === via && held.value === value);
  if (as === 'verifiable') return isIn(person.verifiableAddresses);
  if (isHeldAddress(person, { via, value })) return false;
  if (as === 'recovery') return isIn(person.recoveryAddresses);
  const identifiers = Object.values(person.credentials).flatMap((credential) => credential.identifiers);
  return isIn(person.verifiableAddresses) || isIn(person.recoveryAddresses) || identifiers.includes(value);
}

function fits(before: FullIdentity, change: Change): boolean {
  if (change.kind === 'traits') return isAsSeen(change.since, traitsFingerprint(before));
  if (change.kind === 'credential') return isCredentialAsSeen(before, change.type, change.since);
  return true;
}

const isAsSeen = (since: Since, present: Since): boolean => since === 'any' || since === present;

const isCredentialAsSeen = (before: FullIdentity, type: string, since: Since): boolean =>
  isAsSeen(since, credentialFingerprint(before, type));

const partOf = (change: Change): string =>
  change.kind === 'credential' ? `credential ${change.type}` : change.kind;

const countFirst = ({ credentials }: FullIdentity, { countFactors }: ChangeRules): number =>
  Object.values(credentials).reduce((sum, credential) => sum + countFactors(credential).first, 0);

function made(current: FullIdentity, change: Change, when: Pick<Plan, 'rules' | 'nowMs'>): FullIdentity {
  const of = { nowMs: when.nowMs, ownIdentifiers: when.rules.ownIdentifiers };
  switch (change.kind) {
    case 'traits':
      return changeIdentity(current, { ...of, traits: change.to });
    case 'credential': {
      const held = Object.hasOwn(current.credentials, change.type)
        ? current.credentials[change.type]
        : undefined;
      return withCredential(current, { type: change.type, edit: change.to(held) }, of);
    }
    case 'metadata': {
      const name = change.which === 'public' ? 'metadataPublic' : 'metadataAdmin';
      return changeIdentity(current, { ...of, [name]: change.to(current[name]) });
    }
    case 'external-id':
      return changeIdentity(current, { ...of, externalId: change.to });
    case 'state':
      return current.state === change.to ? current : changeIdentity(current, { ...of, state: change.to });
    case 'verify':
      return withVerified(current, change.address, when.nowMs);
    case 'sent':
      return withSent(current, change.address, when.nowMs);
    case 'claim':
      return claimed(current, change, when);
    case 'rewrite':
      return change.to(current);
    default:
      return change satisfies never;
  }
}

function withCredential(
  current: FullIdentity,
  { type, edit }: { readonly type: string; readonly edit: CredentialEdit },
  of: { readonly nowMs: number; readonly ownIdentifiers: ReadonlySet<string> },
): FullIdentity {
  if (edit === 'keep') return current;
  if (edit !== 'remove') return changeIdentity(current, { ...of, credentials: [{ type, ...edit }] });
  const held = current.credentials[type];
  if (!held) return current;
  // Identifiers that follow from the traits stay taken: the person may set such a credential up again.
  const isEmptied = !of.ownIdentifiers.has(type) && held.identifiers.length > 0;
  return isEmptied
    ? changeIdentity(current, { ...of, credentials: [{ type, config: {} }] })
    : changeIdentity(current, { ...of, removedCredential: type });
}

/** The person with the proven address verified; the same object where nothing changes. */
export function withVerified(current: FullIdentity, proven: AddressKey, nowMs: number): FullIdentity {
  return withAddress(current, proven, (address) =>
    address.verified && address.status === 'completed'
      ? address
      : {
          ...address,
          verified: true,
          status: 'completed',
          verifiedAtMs: address.verifiedAtMs ?? nowMs,
          updatedAtMs: nowMs,
        },
  );
}

function withSent(current: FullIdentity, written: AddressKey, nowMs: number): FullIdentity {
  return withAddress(current, written, (address) => ({ ...address, status: 'sent', updatedAtMs: nowMs }));
}

function withAddress(
  current: FullIdentity,
  { via, value }: AddressKey,
  to: (address: VerifiableAddress) => VerifiableAddress,
): FullIdentity {
  let isDifferent = false;
  const verifiableAddresses = current.verifiableAddresses.map((address) => {
    if (address.via !== via || address.value !== value) return address;
    const next = to(address);
    isDifferent ||= next !== address;
    return next;
  });
  return isDifferent ? { ...current, verifiableAddresses } : current;
}
