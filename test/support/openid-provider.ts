// A small OpenID provider in the process, whose people and mistakes a test scripts.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JsonObject } from '../../src/lib/json.ts';
import type { TestScope } from './server.ts';

/** What it does wrong, until it is told otherwise. */
export interface Mistakes {
  /** Answered to the browser instead of a code. */
  readonly denies?: string;
  /** Added to the address of the way back. */
  readonly callback?: Readonly<Record<string, string>>;
  readonly claims?: (claims: JsonObject) => JsonObject;
  readonly header?: JsonObject;
  readonly signs?: 'with-a-stranger-key' | 'with-none' | 'with-the-client-secret' | 'nothing';
  readonly tokenStatus?: number;
  readonly tokenBody?: (body: JsonObject) => unknown;
  readonly userinfo?: (user: JsonObject) => unknown;
  /** Longer than anybody waits. */
  readonly hangsAt?: string;
  /** Padding of every answer, in bytes. */
  readonly padding?: number;
  readonly breaks?: string;
}

export interface ScriptedProvider {
  readonly issuer: string;
  /** Paths that were asked, in order. */
  readonly asked: readonly string[];
  /** Who signs in next. */
  user: JsonObject & { readonly sub: string };
  mistakes: Mistakes;
  /** A new key takes the place of the old one. */
  readonly rotate: () => Promise<void>;
  /** What a browser does at the provider: the address to which it is sent back. */
  readonly visit: (authorize: string) => Promise<string>;
  readonly idToken: (claims: JsonObject) => Promise<string>;
}

const KEY_SECRET = 'acme-secret';

export async function startProvider(scope: TestScope): Promise<ScriptedProvider> {
  const makeKey = async (kid: string) => ({
    kid,
    ...(await generateKeyPair('RS256', { extractable: true })),
  });
  let key = await makeKey('key-1');
  const stranger = await generateKeyPair('RS256', { extractable: true });
  const codes = new Map<string, { readonly query: URLSearchParams; readonly user: JsonObject }>();
  const tokens = new Map<string, JsonObject>();
  const asked: string[] = [];
  let keys = 1;

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  const issuer = `http://127.0.0.1:${port}`;

  const provider: ScriptedProvider = {
    issuer,
    asked,
    user: { sub: 'ada-1', email: 'ada@example.org', email_verified: true },
    mistakes: {},
    rotate: async () => {
      keys += 1;
      key = await makeKey(`key-${keys}`);
    },
    visit: async (authorize) => {
      const answered = await fetch(authorize, { redirect: 'manual' });
      return answered.headers.get('location') ?? '';
    },
    idToken: (claims) => signed(claims),
  };

  async function signed(claims: JsonObject): Promise<string> {
    const { signs, header = {} } = provider.mistakes;
    const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header });
    if (signs === 'with-a-stranger-key') return jwt.sign(stranger.privateKey);
    const encode = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
    if (signs === 'with-none') return `${encode({ alg: 'none', kid: key.kid })}.${encode(claims)}.`;
    if (signs === 'with-the-client-secret') {
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: key.kid })
        .sign(new TextEncoder().encode(KEY_SECRET));
    }
    return jwt.sign(key.privateKey);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    asked.push(url.pathname);
    const { mistakes } = provider;
    if (mistakes.hangsAt === url.pathname) return void (await wait(60_000, undefined, { ref: false }));
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      const padding = mistakes.padding ? { padding: 'x'.repeat(mistakes.padding) } : {};
      response.end(typeof body === 'string' ? body : JSON.stringify({ ...(body as object), ...padding })); // bodies are objects
    };
    if (mistakes.breaks === url.pathname) return json(200, 'this is no JSON');
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
          code_challenge_methods_supported: ['S256'],
        });
      case '/jwks':
        return json(200, {
          keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid, alg: 'RS256', use: 'sig' }],
        });
      case '/authorize': {
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        if (mistakes.denies) back.searchParams.set('error', mistakes.denies);
        else {
          const code = randomBytes(12).toString('hex');
          codes.set(code, { query: url.searchParams, user: provider.user });
          back.searchParams.set('code', code);
        }
        for (const [name, value] of Object.entries(mistakes.callback ?? {}))
          back.searchParams.set(name, value);
        response.writeHead(302, { location: back.href });
        return void response.end();
      }
      case '/token':
        return token(new URLSearchParams(await text(request)), json);
      case '/userinfo': {
        const user = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''));
        return user ? json(200, mistakes.userinfo?.(user) ?? user) : json(401, { error: 'invalid_token' });
      }
      default:
        return json(404, { error: 'not_found' });
    }
  }

  async function token(form: URLSearchParams, json: (status: number, body: unknown) => void): Promise<void> {
    const { mistakes } = provider;
    if (mistakes.tokenStatus) return json(mistakes.tokenStatus, { error: 'invalid_grant' });
    const code = form.get('code') ?? '';
    const grant = codes.get(code);
    codes.delete(code);
    if (!grant) return json(400, { error: 'invalid_grant' });
    const access = randomBytes(12).toString('hex');
    tokens.set(access, grant.user);
    const now = Math.floor(Date.now() / 1000);
    const nonce = grant.query.get('nonce');
    const claims: JsonObject = {
      iss: issuer,
      aud: grant.query.get('client_id'),
      iat: now,
      exp: now + 600,
      ...(nonce ? { nonce } : {}),
      ...grant.user,
    };
    const body: JsonObject = {
      access_token: access,
      token_type: 'Bearer',
      ...(mistakes.signs === 'nothing'
        ? {}
        : { id_token: await signed(mistakes.claims?.(claims) ?? claims) }),
    };
    return json(200, mistakes.tokenBody?.(body) ?? body);
  }

  return provider;
}

/** The entry of the configuration for it. */
export const providerEntry = (provider: ScriptedProvider, over: JsonObject = {}): JsonObject => ({
  id: 'acme',
  label: 'Acme',
  provider: 'generic',
  client_id: 'acme-client',
  client_secret: KEY_SECRET,
  issuer_url: provider.issuer,
  mapper_url: jsonnetUrl(MAPPER),
  scope: ['email'],
  ...over,
});

export const jsonnetUrl = (snippet: string): string => `base64://${Buffer.from(snippet).toString('base64')}`;

const MAPPER = `
local claims = std.extVar('claims');
{
  identity: {
    traits: { [if 'email' in claims then 'email']: claims.email },
    verified_addresses: if 'email_verified' in claims then [{ via: 'email', value: claims.email }] else [],
  },
}`;
