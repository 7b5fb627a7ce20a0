// Sign-in with an id_token that a native app got by itself: signature, issuer, audience, time and nonce.
import type { JsonObject } from '../../lib/json.ts';
import { equalSecrets } from '../../lib/secret.ts';
import { type Claims, toClaims } from './claims.ts';
import type { ProviderConfig } from './config.ts';
import { nativeFault, nonceFault } from './fault.ts';
import { createKeySet } from './key-set.ts';
import type { ProviderDeps } from './provider.ts';

export interface NativeRules {
  readonly issuer: string;
  readonly keysUrl: string;
  /** True where an id_token without a nonce is taken: the provider's own kit for apps cannot set one. */
  readonly isNonceOptional: (claims: JsonObject) => boolean;
}

const CLOCK_TOLERANCE_MS = 30_000;

/** Failures are 403, a nonce that does not fit is 502 (contract/methods.md 8.7). */
export function nativeVerifier(
  config: ProviderConfig,
  deps: ProviderDeps,
  rules: NativeRules,
): (idToken: string, nonce: string) => Promise<Claims> {
  const keys = createKeySet({ ...deps, url: async () => rules.keysUrl });
  const audiences = [config.client_id, ...config.additional_id_token_audiences];

  return async (idToken, nonce) => {
    const raw = await keys.verify(idToken).catch((error: unknown) => {
      throw nativeFault('The id_token is not signed by the provider.', error);
    });
    if (raw['iss'] !== rules.issuer) throw nativeFault('The id_token comes from another issuer.');
    const named = Array.isArray(raw['aud']) ? raw['aud'] : [raw['aud']];
    if (!named.some((audience) => typeof audience === 'string' && audiences.includes(audience))) {
      throw nativeFault('The id_token was made for another app.');
    }
    checkTime(raw, deps.clock.nowMs());
    const bound = raw['nonce'];
    if (typeof bound !== 'string' || bound === '') {
      if (!rules.isNonceOptional(raw)) throw nonceFault('The id_token has no nonce.');
    } else if (nonce === '' || !equalSecrets(bound, nonce)) {
      throw nonceFault('The nonce of the id_token is another one.');
    }
    const claims = toClaims(raw);
    if (!claims) throw nonceFault('The id_token names no subject.');
    return claims;
  };
}

function checkTime(claims: JsonObject, nowMs: number): void {
  const { exp, nbf } = claims;
  if (typeof exp !== 'number' || exp * 1000 + CLOCK_TOLERANCE_MS <= nowMs)
    throw nativeFault('The id_token has expired.');
  if (typeof nbf === 'number' && nbf * 1000 - CLOCK_TOLERANCE_MS > nowMs) {
    throw nativeFault('The id_token is not valid yet.');
  }
}
