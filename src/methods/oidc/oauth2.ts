// A provider that speaks plain OAuth2: fixed endpoints, and a profile endpoint of its own.
import type { JsonObject } from '../../lib/json.ts';
import { toClaims } from './claims.ts';
import type { ProviderConfig } from './config.ts';
import { basic, createService, type Service } from './endpoint-calls.ts';
import { claimsFault, retryFault, textOf, tokenFault } from './fault.ts';
import { callbackPath, type Provider, type ProviderDeps, type Return } from './provider.ts';

export interface ProfileContext {
  readonly config: ProviderConfig;
  readonly accessToken: string;
  /** The whole answer of the token endpoint: some providers put the e-mail address there. */
  readonly answer: JsonObject;
  readonly query: URLSearchParams;
  /** Scopes that were granted, as far as the provider says. */
  readonly granted: readonly string[];
  readonly service: Service;
}

export interface OAuth2Quirks {
  readonly authorize: (config: ProviderConfig) => string;
  readonly token: (config: ProviderConfig) => string;
  /** Reads who came, in the names of OpenID Connect; issuer and subject included. */
  readonly profile: (of: ProfileContext) => Promise<JsonObject>;
  readonly scope?: (scope: readonly string[]) => readonly string[];
  readonly scopeSeparator?: string;
  readonly params?: (of: {
    readonly config: ProviderConfig;
    readonly isRefresh: boolean;
  }) => Readonly<Record<string, string>>;
  readonly clientAuth?: 'basic';
  /** For token endpoints that take no form. */
  readonly exchange?: (of: ExchangeContext) => Promise<JsonObject>;
  /** Every configured scope must be granted, else the person is asked to try again. */
  readonly needsAllScopes?: true;
  readonly pkce?: (configured: ProviderConfig['pkce']) => boolean;
}

export interface ExchangeContext {
  readonly config: ProviderConfig;
  readonly code: string;
  readonly redirectUri: string;
  readonly service: Service;
}

export function createOAuth2Provider(
  config: ProviderConfig,
  deps: ProviderDeps,
  quirks: OAuth2Quirks,
): Provider {
  const service = createService(deps.outbound);
  const scope = quirks.scope?.(config.scope) ?? config.scope;

  async function exchange(back: Return): Promise<JsonObject> {
    const code = back.query.get('code') ?? back.query.get('authCode') ?? '';
    const { redirectUri } = back;
    if (quirks.exchange) return quirks.exchange({ config, code, redirectUri, service });
    const secret = config.client_secret ?? '';
    const isBasic = quirks.clientAuth === 'basic';
    return service.form(
      quirks.token(config),
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        ...(isBasic ? {} : { client_id: config.client_id, client_secret: secret }),
        ...(back.pkceVerifier ? { code_verifier: back.pkceVerifier } : {}),
      },
      isBasic ? basic(config.client_id, secret) : {},
    );
  }

  return {
    config,
    label: config.label ?? config.id,
    callbackPath: callbackPath(config),
    usesPkce: async () => quirks.pkce?.(config.pkce) ?? config.pkce === 'force',
    authorizationUrl: async (departure) => {
      const url = new URL(quirks.authorize(config));
      const { pkceVerifier } = departure;
      const params: Record<string, string> = {
        client_id: config.client_id,
        redirect_uri: departure.redirectUri,
        response_type: 'code',
        ...(scope.length > 0 ? { scope: scope.join(quirks.scopeSeparator ?? ' ') } : {}),
        state: departure.state,
        ...(pkceVerifier
          ? { code_challenge: await challengeOf(pkceVerifier), code_challenge_method: 'S256' }
          : {}),
        ...quirks.params?.({ config, isRefresh: departure.isRefresh }),
        ...departure.upstream,
      };
      for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
      url.searchParams.sort();
      return url.href;
    },
    arrive: async (back) => {
      const answer = await exchange(back);
      const accessToken = textOf(answer, 'access_token');
      if (!accessToken) throw tokenFault('The provider sent no access token.');
      const granted = (textOf(answer, 'scope') ?? '').split(/[\s,]+/).filter((one) => one !== '');
      if (quirks.needsAllScopes) requireScopes(scope, granted);
      const raw = await quirks.profile({ config, accessToken, answer, query: back.query, granted, service });
      const claims = toClaims(raw);
      if (!claims) throw claimsFault('The provider names no subject.');
      return {
        claims,
        tokens: {
          idToken: textOf(answer, 'id_token'),
          accessToken,
          refreshToken: textOf(answer, 'refresh_token'),
        },
        userinfo: raw,
      };
    },
  };
}

async function challengeOf(verifier: string): Promise<string> {
  const { calculatePKCECodeChallenge } = await import('openid-client');
  return calculatePKCECodeChallenge(verifier);
}

/** The person may untick a scope at the provider; a mapper that relies on it would then fail in its own words. */
function requireScopes(wanted: readonly string[], granted: readonly string[]): void {
  const missing = wanted.filter((one) => !granted.includes(one));
  if (missing.length > 0) {
    throw retryFault('claims_decode', `The provider did not grant ${missing.join(', ')}.`);
  }
}
