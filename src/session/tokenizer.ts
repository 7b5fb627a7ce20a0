// Sessions as signed tokens: a template of the operator says which claims, which key, for whom and for how long.
import type { JWTPayload } from 'jose';
import type { Clock } from '../lib/clock.ts';
import { parseDurationMs } from '../lib/duration.ts';
import { newUuid } from '../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Jsonnet } from '../lib/jsonnet/jsonnet.ts';
import { type FetchText, readSource } from '../outbound/source.ts';
import { ApiError } from '../protocol/api-error.ts';
import { badRequest } from '../protocol/refusals.ts';
import { createSourceCache, type SourceCache } from './source-cache.ts';

/** A template as the configuration has it (docs/protocol/http.md 4.7). */
export interface TokenTemplate {
  readonly jwks_url: string;
  readonly ttl?: string;
  readonly claims_mapper_url?: string;
  readonly subject_source?: 'id' | 'external_id';
}

/** Left out, a token lasts this long; with no lifespan at all it would end when it starts. */
const DEFAULT_TTL = '1m';

export interface TokenizedSession {
  readonly sessionId: string;
  readonly identityId: string;
  readonly externalId: string | undefined;
  /** The session as whoami shows it. */
  readonly view: JsonObject;
}

export interface Tokenizer {
  /** The signed token. Throws 400 where the template is unknown or cannot be used for this session. */
  tokenize(template: string, of: TokenizedSession): Promise<string>;
}

export interface TokenizerDeps {
  readonly templates: Readonly<Record<string, TokenTemplate>>;
  /** Public base address: who issued the token. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly jsonnet: Jsonnet;
  readonly fetchText: FetchText;
}

export function createTokenizer(deps: TokenizerDeps): Tokenizer {
  const cache = createSourceCache({
    clock: deps.clock,
    read: (url) => readSource(url, deps.fetchText),
  });
  return {
    tokenize: async (name, of) => {
      const template = Object.hasOwn(deps.templates, name) ? deps.templates[name] : undefined;
      if (!template) throw badRequest(`There is no template "${name.slice(0, 100)}" for tokens.`);
      const subject = template.subject_source === 'external_id' ? of.externalId : of.identityId;
      if (!subject) throw badRequest(`Tokens of "${name}" name the external id, and this identity has none.`);
      const signing = { name, template, cache };
      const key = await signingKey(signing);
      const own = ownClaims(deps, { template, of, subject });
      const claims = await mapClaims(deps, signing, { own, session: of.view });
      return sign(signing, key, { ...claims, sub: subject });
    },
  };
}

interface Signing {
  readonly name: string;
  readonly template: TokenTemplate;
  readonly cache: SourceCache;
}

function ownClaims(
  { clock, issuer }: TokenizerDeps,
  of: { readonly template: TokenTemplate; readonly of: TokenizedSession; readonly subject: string },
): JsonObject {
  const nowS = Math.floor(clock.nowMs() / 1000);
  const ttlS = Math.floor(parseDurationMs(of.template.ttl ?? DEFAULT_TTL) / 1000);
  return {
    jti: newUuid(),
    iss: issuer,
    exp: nowS + ttlS,
    sid: of.of.sessionId,
    nbf: nowS,
    iat: nowS,
    sub: of.subject,
  };
}

/** The snippet may add claims and change all of them but the subject: a token never speaks for somebody else. */
async function mapClaims(
  { jsonnet }: TokenizerDeps,
  { name, template, cache }: Signing,
  of: { readonly own: JsonObject; readonly session: JsonObject },
): Promise<JsonObject> {
  if (template.claims_mapper_url === undefined) return of.own;
  const snippet = await cache
    .text(template.claims_mapper_url)
    .catch((cause: unknown) =>
      unusable(`The claims mapper of the template "${name}" cannot be read.`, cause),
    );
  const result = await jsonnet.evaluate(snippet, { variables: { claims: of.own, session: of.session } });
  if (!result.ok) return unusable(`The claims mapper of the template "${name}" failed.`, result.message);
  const claims: Json | undefined = isJsonObject(result.value) ? result.value['claims'] : undefined;
  if (!isJsonObject(claims)) {
    return unusable(`The claims mapper of the template "${name}" made no object "claims".`, result.value);
  }
  return { ...of.own, ...claims };
}

interface SigningKey {
  readonly jwk: JsonObject;
  readonly algorithm: string;
}

/** The first key of the set signs: to rotate keys, put the new one in front, and take the old one out once its tokens have ended. */
async function signingKey({ name, template, cache }: Signing): Promise<SigningKey> {
  const text = await cache
    .text(template.jwks_url)
    .catch((cause: unknown) => unusable(`The keys of the template "${name}" cannot be read.`, cause));
  const [jwk] = keysOf(text);
  if (!jwk) return unusable(`The template "${name}" has no key to sign with.`, 'the set has no key');
  const { alg } = jwk;
  if (typeof alg !== 'string' || alg === '' || alg === 'none') {
    return unusable(`The key of the template "${name}" names no algorithm.`, 'the key has no "alg"');
  }
  return { jwk, algorithm: alg };
}

function keysOf(text: string): readonly JsonObject[] {
  try {
    // Whatever it is, it is looked at before it is used.
    const parsed = JSON.parse(text) as Json;
    const keys = isJsonObject(parsed) ? parsed['keys'] : undefined;
    return Array.isArray(keys) ? keys.filter(isJsonObject) : [];
  } catch {
    return [];
  }
}

async function sign({ name }: Signing, { jwk, algorithm }: SigningKey, claims: JsonObject): Promise<string> {
  // Loaded with the first token: most installations sign none.
  const { importJWK, SignJWT } = await import('jose');
  try {
    const key = await importJWK(jwk, algorithm);
    const kid = typeof jwk['kid'] === 'string' ? { kid: jwk['kid'] } : {};
    // The type allows only what the standard names; the claims of operators are any JSON.
    return await new SignJWT(claims as JWTPayload)
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...kid })
      .sign(key);
  } catch (cause) {
    return unusable(`The key of the template "${name}" cannot sign.`, cause);
  }
}

/** What is wrong inside is for the log; the client learns which template cannot be used. */
function unusable(reason: string, cause: unknown): never {
  throw new ApiError({ status: 400, reason, cause });
}
