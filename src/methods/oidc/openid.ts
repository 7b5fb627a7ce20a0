// A provider that speaks OpenID Connect: discovery, code exchange and every check of the id_token.
import type { Configuration } from 'openid-client';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { createRefreshed } from '../../lib/refreshed.ts';
import { toClaims } from './claims.ts';
import type { ProviderConfig } from './config.ts';
import { createService, type Service } from './endpoint-calls.ts';
import { claimsFault, idTokenFault, tokenFault, unreachable } from './fault.ts';
import { createKeySet } from './key-set.ts';
import { type NativeRules, nativeVerifier } from './native.ts';
import { faultOf } from './openid-fault.ts';
import { outboundFetch } from './outbound-fetch.ts';
import type { Provider, ProviderDeps, Return } from './provider.ts';
import { callbackPath } from './provider.ts';

export interface FixedEndpoints {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint?: string;
  readonly jwks_uri: string;
}

export interface ClaimsContext {
  readonly config: ProviderConfig;
  readonly query: URLSearchParams;
  readonly accessToken: string;
  readonly service: Service;
}

/** What a provider does otherwise than OpenID Connect says; everything may be left out. */
export interface OpenIdQuirks {
  /** The issuer to discover; the configured one where absent. */
  readonly issuer?: (config: ProviderConfig) => string;
  /** For providers without a discovery document. */
  readonly fixed?: (config: ProviderConfig) => FixedEndpoints;
  readonly scope?: (scope: readonly string[]) => readonly string[];
  readonly params?: (of: {
    readonly config: ProviderConfig;
    readonly isRefresh: boolean;
  }) => Readonly<Record<string, string>>;
  readonly clientSecret?: (config: ProviderConfig, nowMs: number) => Promise<string>;
  readonly clientAuth?: 'post' | 'basic';
  readonly tokenParams?: Readonly<Record<string, string>>;
  /** It does not return the nonce that it was sent. */
  readonly ignoresNonce?: true;
  readonly claimsSource?: 'userinfo';
  /** Last word on the claims of the person. */
  readonly claims?: (raw: JsonObject, of: ClaimsContext) => JsonObject | Promise<JsonObject>;
  readonly native?: NativeRules;
  readonly family?: 'saml';
}

const METADATA_MAX_AGE_MS = 60 * 60_000;
const REST_MS = 5_000;

export function createOpenIdProvider(
  config: ProviderConfig,
  deps: ProviderDeps,
  quirks: OpenIdQuirks = {},
): Provider {
  const fetch = outboundFetch(deps.outbound);
  const service = createService(deps.outbound);
  const issuer = quirks.issuer?.(config) ?? config.issuer_url ?? '';

  async function connect(): Promise<Configuration> {
    const client = await import('openid-client');
    const auth = await clientAuth();
    const fixed = quirks.fixed?.(config);
    const insecure = isPlain(fixed?.token_endpoint ?? issuer) ? [client.allowInsecureRequests] : [];
    const metadata = {};
    if (fixed) {
      const made = new client.Configuration({ ...fixed }, config.client_id, metadata, auth);
      made[client.customFetch] = fetch;
      for (const allow of insecure) allow(made);
      return made;
    }
    const options = { [client.customFetch]: fetch, execute: insecure, timeout: 30 };
    return client.discovery(new URL(issuer), config.client_id, metadata, auth, options);
  }

  /** As the discovery document says; by header where it says nothing, as the standard wants. */
  async function clientAuth() {
    const { ClientSecretBasic, ClientSecretPost, None } = await import('openid-client');
    // A signed secret goes along with the request for which it was signed.
    if (quirks.clientSecret) return None();
    const secret = config.client_secret ?? '';
    return (...[server, client, body, headers]: Parameters<ReturnType<typeof ClientSecretPost>>) => {
      const known = server.token_endpoint_auth_methods_supported ?? [];
      const isPost =
        quirks.clientAuth === 'post' ||
        (quirks.clientAuth === undefined &&
          known.includes('client_secret_post') &&
          !known.includes('client_secret_basic'));
      return (isPost ? ClientSecretPost : ClientSecretBasic)(secret)(server, client, body, headers);
    };
  }

  const connection = createRefreshed({
    clock: deps.clock,
    maxAgeMs: METADATA_MAX_AGE_MS,
    restMs: REST_MS,
    load: () =>
      connect().catch((error: unknown) => {
        throw unreachable(`The provider "${config.id}" cannot be reached.`, error);
      }),
  });
  const keys = createKeySet({
    outbound: deps.outbound,
    clock: deps.clock,
    url: async () => {
      const { jwks_uri: url } = (await connection.get()).serverMetadata();
      if (!url) throw tokenFault('The provider does not say where its keys are.');
      return url;
    },
  });

  const scope = (): readonly string[] => {
    const wanted = quirks.scope?.(config.scope) ?? config.scope;
    return wanted.includes('openid') ? wanted : [...wanted, 'openid'];
  };

  async function exchange(
    back: Return,
  ): Promise<{ readonly tokens: TokenAnswer; readonly fromIdToken: JsonObject }> {
    const client = await import('openid-client');
    const server = await connection.get();
    const url = new URL(back.redirectUri);
    // Only what belongs to the answer: a base address may have a query of its own.
    url.search = back.query.toString();
    const secret = quirks.clientSecret
      ? { client_secret: await quirks.clientSecret(config, deps.clock.nowMs()) }
      : {};
    const tokens = await client
      .authorizationCodeGrant(
        server,
        url,
        {
          expectedState: back.state,
          idTokenExpected: true,
          ...(quirks.ignoresNonce ? {} : { expectedNonce: back.nonce }),
          ...(back.pkceVerifier ? { pkceCodeVerifier: back.pkceVerifier } : {}),
        },
        { ...quirks.tokenParams, ...secret },
      )
      .catch((error: unknown) => {
        const cause = faultOf(error);
        throw cause;
      });
    const { id_token: idToken } = tokens;
    if (!idToken) throw idTokenFault('The provider sent no id_token.');
    return { tokens, fromIdToken: await keys.verify(idToken) };
  }

  async function userinfo(accessToken: string, subject: string): Promise<JsonObject> {
    const client = await import('openid-client');
    const info: unknown = await client
      .fetchUserInfo(await connection.get(), accessToken, subject)
      .catch((error: unknown) => {
        const cause = faultOf(error, 'userinfo');
        throw cause;
      });
    if (!isJsonObject(info)) throw claimsFault('The userinfo endpoint sent no claims.');
    return info;
  }

  return {
    config,
    label: config.label ?? config.id,
    callbackPath: callbackPath(config, quirks.family),
    usesPkce: async () => {
      if (config.pkce !== 'auto') return config.pkce === 'force';
      if (quirks.fixed) return false;
      // A provider that cannot be reached now fails with its own words when the browser is sent there.
      const server = await connection.get().catch(() => undefined);
      return server?.serverMetadata().supportsPKCE() === true;
    },
    authorizationUrl: async (departure) => {
      const client = await import('openid-client');
      const server = await connection.get();
      const { pkceVerifier } = departure;
      const params: Record<string, string> = {
        redirect_uri: departure.redirectUri,
        response_type: 'code',
        scope: scope().join(' '),
        state: departure.state,
        ...(quirks.ignoresNonce ? {} : { nonce: departure.nonce }),
        ...(pkceVerifier
          ? {
              code_challenge: await client.calculatePKCECodeChallenge(pkceVerifier),
              code_challenge_method: 'S256',
            }
          : {}),
        ...(config.requested_claims ? { claims: JSON.stringify(config.requested_claims) } : {}),
        ...(departure.isRefresh ? { prompt: 'login' } : {}),
        ...quirks.params?.({ config, isRefresh: departure.isRefresh }),
        ...departure.upstream,
      };
      const built = client.buildAuthorizationUrl(server, params);
      const url = config.auth_url ? new URL(config.auth_url) : built;
      for (const [name, value] of built.searchParams) url.searchParams.set(name, value);
      url.searchParams.sort();
      return url.href;
    },
    arrive: async (back) => {
      const { tokens, fromIdToken } = await exchange(back);
      const { sub, iss } = fromIdToken;
      if (typeof sub !== 'string' || sub === '') throw claimsFault('The provider names no subject.');
      const source = quirks.claimsSource ?? config.claims_source;
      const info = source === 'userinfo' ? await userinfo(tokens.access_token, sub) : undefined;
      const context = { config, query: back.query, accessToken: tokens.access_token, service };
      const raw = { ...(info ?? fromIdToken), ...(info ? { iss: iss ?? issuer } : {}) };
      const claims = toClaims((await quirks.claims?.(raw, context)) ?? raw);
      if (!claims) throw claimsFault('The provider names no subject or no issuer.');
      return {
        claims,
        tokens: {
          idToken: tokens.id_token,
          accessToken: tokens.access_token,
          refreshToken: tokens.refresh_token,
        },
        idTokenClaims: fromIdToken,
        userinfo: info,
      };
    },
    ...(quirks.native ? { verifyIdToken: nativeVerifier(config, deps, quirks.native) } : {}),
  };
}

interface TokenAnswer {
  readonly access_token: string;
  readonly id_token?: string | undefined;
  readonly refresh_token?: string | undefined;
}

const isPlain = (url: string): boolean => url.startsWith('http:');
