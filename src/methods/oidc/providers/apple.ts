// Apple: a client secret that is signed for each request, an answer by POST, and a name that comes once.
import { isJsonObject, type JsonObject } from '../../../lib/json.ts';
import type { ProviderConfig } from '../config.ts';
import { textOf, tokenFault } from '../fault.ts';
import { parsed } from '../key-set.ts';
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';

const ISSUER = 'https://appleid.apple.com';
const SECRET_LIFESPAN_S = 300;

export const apple: ProviderMaker = (config, deps) =>
  createOpenIdProvider(config, deps, {
    fixed: () => ({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/auth/authorize`,
      token_endpoint: `${ISSUER}/auth/token`,
      jwks_uri: `${ISSUER}/auth/keys`,
    }),
    clientSecret: signedSecret,
    // Apple gives name and address only to those who take them by POST.
    params: () =>
      config.scope.some((one) => one === 'email' || one === 'name') ? { response_mode: 'form_post' } : {},
    claims: (raw, { query }) => withName(raw, query.get('user')),
    native: {
      issuer: ISSUER,
      keysUrl: `${ISSUER}/auth/keys`,
      isNonceOptional: (claims) =>
        claims['nonce_supported'] === false || claims['nonce_supported'] === 'false',
    },
  });

async function signedSecret(config: ProviderConfig, nowMs: number): Promise<string> {
  const { importPKCS8, SignJWT } = await import('jose');
  const now = Math.floor(nowMs / 1000);
  const key = await importPKCS8(config.apple_private_key ?? '', 'ES256').catch((error: unknown) => {
    throw tokenFault('The private key for Apple cannot be read.', error);
  });
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid: config.apple_private_key_id ?? '' })
    .setIssuer(config.apple_team_id ?? '')
    .setSubject(config.client_id)
    .setAudience(ISSUER)
    .setIssuedAt(now)
    .setExpirationTime(now + SECRET_LIFESPAN_S)
    .sign(key);
}

/** At the first sign-in, and never again, the name comes beside the code. It is not signed: it only fills what is empty. */
function withName(raw: JsonObject, user: string | null): JsonObject {
  const sent = user === null ? undefined : parsed(user);
  const name = isJsonObject(sent) && isJsonObject(sent['name']) ? sent['name'] : undefined;
  const given = textOf(name, 'firstName');
  const family = textOf(name, 'lastName');
  return {
    ...(given ? { given_name: given } : {}),
    ...(family ? { family_name: family, last_name: family } : {}),
    ...raw,
  };
}
