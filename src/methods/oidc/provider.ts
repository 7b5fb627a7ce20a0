// The contract of a provider: where a browser is sent, and what is known of the person who comes back.
import type { Clock } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { Claims } from './claims.ts';
import type { ProviderConfig } from './config.ts';

/** What a sign-in remembers between the way out and the way back. */
export interface Departure {
  readonly redirectUri: string;
  /** Sent as it is; whoever comes back must bring it. */
  readonly state: string;
  readonly nonce: string;
  /** Present where the provider uses PKCE. */
  readonly pkceVerifier?: string;
  /** The person confirms who they are: the provider should ask for the password again. */
  readonly isRefresh: boolean;
  /** What the person or the app asked for: `prompt`, `hd`, `auth_type`, `acr_values`. */
  readonly upstream: Readonly<Record<string, string>>;
}

export interface Return {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly pkceVerifier?: string;
  /** The query of the callback. */
  readonly query: URLSearchParams;
}

/** As the provider handed them out; kept encrypted. */
export interface Tokens {
  readonly idToken?: string | undefined;
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
}

export interface Arrival {
  readonly claims: Claims;
  readonly tokens: Tokens;
  /** For a trial sign-in: what the two sources said. */
  readonly idTokenClaims?: JsonObject | undefined;
  readonly userinfo?: JsonObject | undefined;
}

/** Every function may throw a ProviderFault. */
export interface Provider {
  readonly config: ProviderConfig;
  /** What people read on the button. */
  readonly label: string;
  usesPkce(): Promise<boolean>;
  /** Path of the callback below the base address. */
  readonly callbackPath: string;
  authorizationUrl(departure: Departure): Promise<string>;
  arrive(back: Return): Promise<Arrival>;
  /** Checks an id_token that a native app brought; absent where the provider has no such sign-in. */
  readonly verifyIdToken?: (idToken: string, nonce: string) => Promise<Claims>;
}

export interface ProviderDeps {
  readonly outbound: Outbound;
  readonly clock: Clock;
}

/** Makes a provider from its settings. */
export type ProviderMaker = (config: ProviderConfig, deps: ProviderDeps) => Provider;

export const callbackPath = (config: ProviderConfig, family: 'oidc' | 'saml' = 'oidc'): string => {
  const base = `/self-service/methods/${family}/callback`;
  return config.pkce === 'force' ? base : `${base}/${encodeURIComponent(config.id)}`;
};
