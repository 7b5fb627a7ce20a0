// What a provider says of a person, in the one shape that mappers see (contract/methods.md 8.4).
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';

/** Names are those of OpenID Connect; what a provider does not say is absent. */
export type Claims = JsonObject & { readonly iss: string; readonly sub: string };

const TEXTS = [
  'oid',
  'name',
  'given_name',
  'family_name',
  'last_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'email',
  'gender',
  'birthdate',
  'zoneinfo',
  'phone_number',
  'hd',
  'team',
  'nonce',
  'acr',
] as const;
const FLAGS = ['email_verified', 'phone_number_verified', 'nonce_supported'] as const;

/**
 * Reads the claims of a provider. Undefined where issuer or subject is missing. False and empty values are left out, as
 * Kratos does: mappers ask `'email_verified' in claims`, and a false that is there would count as a yes.
 */
export function toClaims(raw: JsonObject): Claims | undefined {
  const { iss, sub } = raw;
  if (typeof iss !== 'string' || iss === '' || typeof sub !== 'string' || sub === '') return undefined;
  const claims: Record<string, Json> = {};
  for (const name of TEXTS) {
    const value = raw[name];
    if (typeof value === 'string' && value !== '') claims[name] = value;
  }
  // Some providers write booleans as text.
  for (const name of FLAGS) if (raw[name] === true || raw[name] === 'true') claims[name] = true;
  const locale = localeOf(raw['locale']);
  if (locale) claims['locale'] = locale;
  const updatedAt = secondsOf(raw['updated_at']);
  if (updatedAt) claims['updated_at'] = updatedAt;
  const amr = textsOf(raw['amr']);
  if (amr.length > 0) claims['amr'] = amr;
  return { iss, sub, ...claims, raw_claims: raw };
}

/** BCP 47, or the object that LinkedIn and others send instead. */
function localeOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value) || typeof value['language'] !== 'string') return undefined;
  const country = value['country'];
  return typeof country === 'string' && country !== ''
    ? `${value['language']}-${country}`
    : value['language'];
}

/** Seconds since 1970; some providers write RFC 3339. */
function secondsOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.trunc(atMs / 1000);
}

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** True where the provider vouches for two factors in a way that its configuration trusts. */
export function isTwoFactor(
  claims: Claims,
  trusted: { readonly aal2_acr_values: readonly string[]; readonly aal2_amr_values: readonly string[] },
): boolean {
  const { acr } = claims;
  if (typeof acr === 'string' && trusted.aal2_acr_values.includes(acr)) return true;
  return textsOf(claims['amr']).some((method) => trusted.aal2_amr_values.includes(method));
}
