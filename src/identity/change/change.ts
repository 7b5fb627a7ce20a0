// One change of one part of a stored person, bound to what its author had seen of that part.
import type { IdentityId } from '../../lib/ids.ts';
import type { Json } from '../../lib/json.ts';
import type { CredentialDraft } from '../assemble.ts';
import type { AddressVia, Credential, FullIdentity, Identity } from '../identity.ts';
import type { ValidatedTraits } from '../validate.ts';
import { credentialFingerprint, type Since, type Snapshot, traitsFingerprint } from './snapshot.ts';

// Not exported: only `edit` and `override` make changes.
declare const made: unique symbol;

/** Normalised, as identities hold it. */
export interface AddressKey {
  readonly via: AddressVia;
  readonly value: string;
}

/** What becomes of a credential; `keep` leaves it as it is. */
export type CredentialEdit = Omit<CredentialDraft, 'type'> | 'remove' | 'keep';

type Content =
  | { readonly kind: 'traits'; readonly since: Since; readonly to: ValidatedTraits }
  | {
      readonly kind: 'credential';
      readonly type: string;
      readonly since: Since;
      /** Called with the credential as it is when the change is made; it may run more than once. */
      readonly to: (held: Credential | undefined) => CredentialEdit;
      /** The same secret in another form, or a counter: nobody has to be told, and nothing ends with it. */
      readonly isUpkeep: boolean;
    }
  | { readonly kind: 'metadata'; readonly which: 'public' | 'admin'; readonly to: (held: Json) => Json }
  | { readonly kind: 'external-id'; readonly to: string | null }
  | { readonly kind: 'verify' | 'sent'; readonly address: AddressKey }
  | { readonly kind: 'state'; readonly to: Identity['state'] }
  | { readonly kind: 'claim'; readonly address: AddressKey; readonly derive: DeriveTraits }
  | { readonly kind: 'rewrite'; readonly to: (current: FullIdentity) => FullIdentity };

/** The traits checked once more against their schema; undefined where they fit it no longer. */
export type DeriveTraits = (current: Identity) => ValidatedTraits | undefined;

export type Change = Content & { readonly identityId: IdentityId; readonly [made]: true };

export interface CredentialOptions {
  /** Absent: as the author saw it. `any` for what is added to whatever is there, such as one more key. */
  readonly since?: Since;
}

/** Changes by somebody who has seen the person. Each fits only while its part is what was seen. */
export interface Edit {
  /** All traits at once, with the identifiers and addresses that follow from them. */
  traits(to: ValidatedTraits): Change;
  /** Adds, replaces or removes one credential. */
  credential(
    type: string,
    to: (held: Credential | undefined) => CredentialEdit,
    options?: CredentialOptions,
  ): Change;
  /** The same for what the person does not notice: a hash with newer parameters, a counter against replay. */
  upkeep(
    type: string,
    to: (held: Credential | undefined) => CredentialEdit,
    options?: CredentialOptions,
  ): Change;
  metadata(which: 'public' | 'admin', to: (held: Json) => Json): Change;
  externalId(to: string | null): Change;
  /** The address counts as verified from now on. It fits always, and does nothing where the person has no such address. */
  verify(address: AddressKey): Change;
  /** The address was written to. */
  sent(address: AddressKey): Change;
  /**
   * The first proof of an address: where none of the person's was ever proven, every credential and every session from
   * before it ends, since a stranger may have made them.
   */
  claim(address: AddressKey, derive: DeriveTraits): Change;
}

export function edit(seen: Snapshot): Edit {
  const own = <Of extends Content>(content: Of): Change => mark(seen.id, content);
  const credential =
    (isUpkeep: boolean): Edit['credential'] =>
    (type, to, { since = credentialFingerprint(seen, type) } = {}) =>
      own({ kind: 'credential', type, to, since, isUpkeep });
  return {
    traits: (to) => own({ kind: 'traits', to, since: traitsFingerprint(seen) }),
    credential: credential(false),
    upkeep: credential(true),
    metadata: (which, to) => own({ kind: 'metadata', which, to }),
    externalId: (to) => own({ kind: 'external-id', to }),
    verify: (address) => own({ kind: 'verify', address }),
    sent: (address) => own({ kind: 'sent', address }),
    claim: (address, derive) => own({ kind: 'claim', address, derive }),
  };
}

/** Changes by an administrator, whose word counts whatever is there. */
export interface Override {
  state(to: Identity['state']): Change;
  /** Makes the person anew out of what they are when the change is made. It throws where the result is refused. */
  rewrite(to: (current: FullIdentity) => FullIdentity): Change;
}

export function override(id: IdentityId): Override {
  return {
    state: (to) => mark(id, { kind: 'state', to }),
    rewrite: (to) => mark(id, { kind: 'rewrite', to }),
  };
}

const mark = (identityId: IdentityId, content: Content): Change => ({ ...content, identityId }) as Change; // the mark exists for the compiler only
