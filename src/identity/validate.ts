// Traits as submitted -> traits that fit the schema, with the identifiers and addresses that follow from them.

import type { JsonObject } from '../lib/json.ts';
import type { Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import type { IdentitySchema } from '../schema/load.ts';
import type { AddressVia } from './identity.ts';

/** Identifiers that the schema derives for one credential type, and the config that follows from them where one does. */
export interface DerivedCredential {
  readonly type: string;
  readonly identifiers: readonly string[];
  readonly config?: JsonObject;
}

export interface DerivedAddress {
  readonly via: AddressVia;
  readonly value: string;
}

export interface ValidatedTraits {
  readonly schemaId: string;
  readonly traits: JsonObject;
  readonly credentials: readonly DerivedCredential[];
  readonly verifiable: readonly DerivedAddress[];
  readonly recovery: readonly DerivedAddress[];
}

export type TraitsCheck =
  | { readonly ok: true; readonly value: ValidatedTraits }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type ValidateTraits = (traits: JsonObject) => TraitsCheck;

/** Identifiers and addresses are unique by an index, in which PostgreSQL takes no more than 2,704 bytes. */
const INDEXED_LIMIT_BYTES = 1_024;

/** Checks traits against the schema and derives what signing in and reaching the person need. */
export function validateTraits(schema: IdentitySchema, traits: JsonObject): TraitsCheck {
  const problems = schema.validate({ traits });
  if (problems.length > 0) return { ok: false, problems };
  const derived = schema.derive(traits);
  if (!derived.ok) return { ok: false, problems: derived.problems };
  const identifiers = derived.credentials.filter(({ flags }) => flags['identifier'] === true);
  const indexed = [...identifiers, ...derived.verification, ...derived.recovery];
  if (indexed.some(({ value }) => Buffer.byteLength(value) > INDEXED_LIMIT_BYTES)) {
    const reason = `What one signs in with, or is reached at, has at most ${INDEXED_LIMIT_BYTES} bytes.`;
    return { ok: false, problems: [{ message: messages.generic(reason) }] };
  }
  return {
    ok: true,
    value: {
      schemaId: schema.id,
      traits: derived.traits,
      credentials: deriveCredentials(derived.credentials),
      verifiable: distinct(derived.verification),
      recovery: distinct(derived.recovery),
    },
  };
}

interface CredentialHit {
  readonly type: string;
  readonly value: string;
  readonly flags: JsonObject;
}

function deriveCredentials(hits: readonly CredentialHit[]): readonly DerivedCredential[] {
  const types = new Set(hits.filter((hit) => hit.flags['identifier'] === true).map((hit) => hit.type));
  return [...types].map((type) => {
    const own = hits.filter((hit) => hit.type === type && hit.flags['identifier'] === true);
    const identifiers = [...new Set(own.map((hit) => hit.value))];
    const addresses = own.flatMap((hit) =>
      typeof hit.flags['via'] === 'string' ? [{ channel: hit.flags['via'], address: hit.value }] : [],
    );
    if (addresses.length === 0) return { type, identifiers };
    // A method that reaches people at these addresses needs to know by which channel (docs/protocol/platform.md section 2).
    const unique = new Map(addresses.map((address) => [`${address.address}\0${address.channel}`, address]));
    const sorted = [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address);
    return { type, identifiers, config: { addresses: sorted } };
  });
}

function distinct(addresses: readonly DerivedAddress[]): readonly DerivedAddress[] {
  return [...new Map(addresses.map((address) => [`${address.via}\0${address.value}`, address])).values()];
}
