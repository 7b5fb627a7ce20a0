// What a browser is asked for, in the JSON that pages pass to navigator.credentials (docs/protocol/methods.md sections 10 and 11).
import type { JsonObject } from '../lib/json.ts';
import type { Key } from './keys.ts';
import type { RelyingParty } from './party.ts';

export type UserVerification = 'required' | 'preferred' | 'discouraged';
export type ResidentKey = 'required' | 'preferred' | 'discouraged';
export type AttestationPreference = 'none' | 'indirect' | 'direct' | 'enterprise';

/** COSE numbers of the signature algorithms that are taken, most wanted first. */
export const ALGORITHMS = [-7, -35, -36, -257, -258, -259, -37, -38, -39, -8] as const;

export interface CreationWishes {
  readonly party: RelyingParty;
  readonly challenge: string;
  readonly user: { readonly handle: string; readonly name: string };
  readonly timeoutMs: number;
  readonly userVerification: UserVerification;
  readonly residentKey?: ResidentKey;
  readonly attachment?: 'platform' | 'cross-platform';
  readonly attestation?: AttestationPreference;
  /** Keys that the person has already: their authenticators make no second one. */
  readonly exclude?: readonly Key[];
}

/** Options to make a key. */
export function creationOptions(of: CreationWishes): JsonObject {
  const { party, user, exclude = [] } = of;
  return {
    publicKey: {
      rp: { name: party.name, id: party.id },
      user: { name: user.name, displayName: user.name, id: user.handle },
      challenge: of.challenge,
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: of.timeoutMs,
      ...(exclude.length > 0 ? { excludeCredentials: exclude.map(descriptor) } : {}),
      authenticatorSelection: {
        ...(of.attachment ? { authenticatorAttachment: of.attachment } : {}),
        // The older member says the same to browsers that do not know the newer one.
        ...(of.residentKey
          ? { requireResidentKey: of.residentKey === 'required', residentKey: of.residentKey }
          : {}),
        userVerification: of.userVerification,
      },
      ...(of.attestation ? { attestation: of.attestation } : {}),
    },
  };
}

export interface AssertionWishes {
  readonly party: RelyingParty;
  readonly challenge: string;
  readonly timeoutMs: number;
  readonly userVerification: UserVerification;
  /** Absent: any key that the browser finds for this relying party. */
  readonly allow?: readonly Pick<Key, 'id' | 'transports'>[];
}

/** Options to use a key. */
export function assertionOptions(of: AssertionWishes): JsonObject {
  return {
    publicKey: {
      challenge: of.challenge,
      timeout: of.timeoutMs,
      rpId: of.party.id,
      ...(of.allow ? { allowCredentials: of.allow.map(descriptor) } : {}),
      userVerification: of.userVerification,
    },
  };
}

function descriptor({ id, transports }: Pick<Key, 'id' | 'transports'>): JsonObject {
  return { type: 'public-key', id, ...(transports.length > 0 ? { transports } : {}) };
}
