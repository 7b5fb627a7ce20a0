// A person as they were read: good for showing and deciding, and accepted by nothing that writes.
import type { IdentityId } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { FullIdentity } from '../identity.ts';

// Not exported: outside of this file a snapshot can be passed on, but not made up.
declare const seen: unique symbol;
declare const print: unique symbol;

/** What was stored of a person at the moment of reading. Changes are made with `edit`, and applied by a `Plan`. */
export interface Snapshot extends FullIdentity {
  readonly [seen]: IdentityId;
}

/** A person who is not stored yet; a snapshot is none. */
export interface UnstoredIdentity extends FullIdentity {
  readonly [seen]?: never;
}

/** For the store alone, which has just read the rows. */
export const asSnapshot = (identity: FullIdentity): Snapshot => identity as Snapshot; // the mark exists for the compiler only

/** A digest of what one part of a person held. It compares contents: a part that was changed and changed back is the same. */
export type Fingerprint = string & { readonly [print]: true };

/** What the author of a change has seen of the part that it changes. `any`: it fits whatever is there. */
export type Since = Fingerprint | 'absent' | 'any';

export const traitsFingerprint = ({ traits, schemaId }: FullIdentity): Fingerprint =>
  digest({ schemaId, traits });

/**
 * Of the config alone: identifiers that follow from the traits are another part. A credential without a config says no
 * more than which identifiers are taken.
 */
export function credentialFingerprint({ credentials }: FullIdentity, type: string): Fingerprint | 'absent' {
  const config = Object.hasOwn(credentials, type) ? credentials[type]?.config : undefined;
  return config && Object.keys(config).length > 0 ? digest(config) : 'absent';
}

const digest = (content: JsonObject): Fingerprint => tokenDigest(JSON.stringify(content)) as Fingerprint; // the only place that makes one
