// The published keys of an issuer: kept, renewed when an unknown key appears, and used to check signatures.
import type { CompactVerifyResult, JWK } from 'jose';
import type { Clock } from '../../lib/clock.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { createRefreshed } from '../../lib/refreshed.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { idTokenFault, tokenFault } from './fault.ts';
import { LIMITS } from './outbound-fetch.ts';

export interface KeySet {
  /** The signed payload. Throws a ProviderFault where no published key has signed it. */
  verify(jwt: string): Promise<JsonObject>;
}

/** Public-key signatures only: `none` proves nothing, and HS256 would let a published key serve as the secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const MAX_AGE_MS = 60 * 60_000;
/** An unknown key is looked for at once, but not again and again: anybody can make up a key id. */
const REST_MS = 10_000;

export function createKeySet(of: {
  readonly url: () => Promise<string>;
  readonly outbound: Outbound;
  readonly clock: Clock;
}): KeySet {
  const keys = createRefreshed({
    clock: of.clock,
    maxAgeMs: MAX_AGE_MS,
    restMs: REST_MS,
    load: async () => {
      const url = await of.url();
      const { status, text } = await of.outbound.request(url, { ...LIMITS, redirects: 3 });
      const set: unknown = status === 200 ? parsed(text) : undefined;
      const list = isJsonObject(set) ? set['keys'] : undefined;
      if (!Array.isArray(list)) throw tokenFault('The provider does not publish its keys.');
      // Checked key by key when one is used; an entry of an unknown kind must not spoil the others.
      return list.filter(isJsonObject) as readonly JWK[];
    },
  });

  return {
    verify: async (jwt) => {
      const { compactVerify, createLocalJWKSet, errors } = await import('jose');
      const check = (list: readonly JWK[]): Promise<CompactVerifyResult> =>
        compactVerify(jwt, createLocalJWKSet({ keys: [...list] }), { algorithms: ALGORITHMS });
      const isUnknownKey = (error: unknown): boolean =>
        error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed;
      const known = await keys.get();
      const result = await check(known)
        .catch(async (error: unknown) => {
          if (!isUnknownKey(error)) throw error;
          const renewed = await keys.renew();
          if (renewed === known) throw error;
          return check(renewed);
        })
        .catch((error: unknown) => {
          throw idTokenFault('The id_token is not signed by the provider.', error);
        });
      const payload = parsed(new TextDecoder().decode(result.payload));
      if (!isJsonObject(payload)) throw idTokenFault('The id_token holds no claims.');
      return payload;
    },
  };
}

/** JSON, or undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
