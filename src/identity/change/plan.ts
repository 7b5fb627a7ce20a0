// What is to become of a stored person, under which conditions, and what became of it.
import type { Act } from '../../event/administrator.ts';
import type { IdentityId, SessionId } from '../../lib/ids.ts';
import type { Credential } from '../identity.ts';
import type { AddressKey, Change } from './change.ts';
import type { FollowingKind } from './followers.ts';
import { credentialFingerprint, type Since, type Snapshot } from './snapshot.ts';

/** What a decision was based on; compared again in the transaction that writes. */
export interface Guard {
  readonly state?: 'active' | undefined;
  /** Still active: neither revoked nor over. */
  readonly session?: SessionId | undefined;
  /** Addresses that must still be this person's. */
  readonly holds?: readonly HeldAddress[] | undefined;
  /** Credentials that a proof was checked against. */
  readonly credentials?: readonly ReliedOn[] | undefined;
  /** True: who had a first factor before has one afterwards. */
  readonly keepsFirstFactor?: boolean | undefined;
}

/** `any`: as an address of either kind, or as what one signs in with. */
export interface HeldAddress extends AddressKey {
  readonly as: 'verifiable' | 'recovery' | 'any';
}

export interface ReliedOn {
  readonly type: string;
  readonly since: Since;
}

/** The credential as a proof was checked against it. */
export const reliedOn = (seen: Snapshot, type: string): ReliedOn => ({
  type,
  since: credentialFingerprint(seen, type),
});

/** What the methods in force say about credentials. */
export interface ChangeRules {
  /** Types whose identifiers are the method's own and do not follow from the traits. */
  readonly ownIdentifiers: ReadonlySet<string>;
  /** Factors that a credential gives its person now. */
  readonly countFactors: (credential: Credential) => { readonly first: number; readonly second: number };
  /** Kinds of credentials, where some follow from what becomes of others. */
  readonly kinds?: readonly FollowingKind[];
}

export interface Plan {
  readonly identityId: IdentityId;
  /** All of them are made, or none. They may be empty: then the guard is all that is asked. */
  readonly changes: readonly Change[];
  /** Left out where they do not fit any more: a new hash of an old password must not undo a new one. */
  readonly optional?: readonly Change[] | undefined;
  readonly guard: Guard;
  readonly rules: ChangeRules;
  readonly nowMs: number;
  /** Who does it and from where, for the events that follow from the difference. */
  readonly act: Act;
  /** True: it is written down that somebody changed the identity, even where nothing is different. */
  readonly isAdministration?: boolean | undefined;
}

/** Which part is not what the author of a change has seen of it. */
export interface Stale {
  readonly kind: 'stale';
  readonly part: string;
}

export interface Guarded {
  readonly kind: 'guarded';
  readonly by: keyof Guard;
}

/** What `apply` answers. Where another identity holds a value it throws IdentityConflict, since nothing of the transaction can stay. */
export type Written =
  | { readonly kind: 'written'; readonly before: Snapshot; readonly after: Snapshot }
  | Stale
  | Guarded
  /** The person was deleted. */
  | { readonly kind: 'gone' };
