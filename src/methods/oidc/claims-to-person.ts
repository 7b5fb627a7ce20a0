// Claims -> the traits and the account of a person who signs up.

import type { At } from '../../flow/method/at.ts';
import type { Proof, Registered, Rejected } from '../../flow/method/outcome.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { JsonObject } from '../../lib/json.ts';
import { isTwoFactor } from './claims.ts';
import { identifierOf, NAME, newEntry, sealTokens, withAccount } from './credential.ts';
import type { Mapped } from './mapper.ts';
import { mergeTraits } from './mapper.ts';
import { completionNodes } from './nodes.ts';
import type { Arrival } from './provider.ts';
import type { Entry } from './provider-book.ts';

export const NOBODY = { traits: {}, metadata_public: {}, metadata_admin: {} };

/** What was proven by the provider. */
export function proofOf({ provider }: Entry, { claims }: Pick<Arrival, 'claims'>): Proof {
  const { config } = provider;
  return { method: NAME, aal: isTwoFactor(claims, config) ? 'aal2' : 'aal1', provider: config.id };
}

export const subjectOf = ({ provider }: Entry, { claims }: Pick<Arrival, 'claims'>): string =>
  identifierOf({ provider: provider.config.id, subject: claims.sub });

/** The registration of this person, or the form that asks for what is missing. */
export function toRegistration(
  at: At,
  of: {
    readonly entry: Entry;
    readonly arrival: Arrival;
    readonly mapped: Mapped;
    readonly typed: JsonObject;
    readonly sealer: Sealer;
  },
): Registered | Rejected {
  const { entry, arrival, mapped } = of;
  const { config } = entry.provider;
  const traits = mergeTraits(mapped.traits, of.typed);
  const checked = at.validate(traits);
  if (!checked.ok) {
    const nodes = completionNodes(entry.provider, { schema: at.schema, traits });
    return {
      kind: 'rejected',
      problems: checked.problems,
      patch: { nodes, sorted: true, active: NAME, memory: {} },
    };
  }
  const account = newEntry(config.id, arrival.claims.sub, sealTokens(of.sealer, arrival.tokens));
  return {
    kind: 'registered',
    traits: checked.value,
    credential: { type: NAME, ...withAccount(undefined, config.id, account) },
    proof: proofOf(entry, arrival),
    addresses: mapped.verified,
    ...(mapped.metadataPublic ? { metadataPublic: mapped.metadataPublic } : {}),
    ...(mapped.metadataAdmin ? { metadataAdmin: mapped.metadataAdmin } : {}),
  };
}
