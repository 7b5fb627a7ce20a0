// What openid-client and jose found wrong -> where it belongs: on the form, or on the error page.
import { isJsonObject } from '../../lib/json.ts';
import { claimsFault, idTokenFault, ProviderFault, tokenFault } from './fault.ts';

/**
 * A refused id_token is shown on the form, and so is a userinfo answer about somebody else; a token endpoint that fails or
 * claims without a subject are the provider's fault (contract/methods.md 8.4).
 */
export function faultOf(error: unknown, of: 'exchange' | 'userinfo' = 'exchange'): ProviderFault {
  if (error instanceof ProviderFault) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const found = error instanceof Error ? rootCause(error) : undefined;
  if (code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' || code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') {
    return idTokenFault(
      error instanceof Error ? sentence(error.message) : 'The id_token was refused.',
      error,
    );
  }
  if (of === 'userinfo') {
    // The library compares the subject with that of the id_token.
    return code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'
      ? idTokenFault('The userinfo endpoint returned a different subject.', error)
      : claimsFault('The userinfo endpoint did not answer properly.', error);
  }
  if (isJsonObject(found) && isJsonObject(found['claims']) && typeof found['claims']['sub'] !== 'string') {
    return claimsFault('The provider names no subject.', error);
  }
  const body = isJsonObject(found) && isJsonObject(found['body']) ? found['body'] : found;
  const isGranted = isJsonObject(body) && typeof body['access_token'] === 'string';
  const isAboutToken = isJsonObject(found) && ('claims' in found || 'header' in found || 'jwt' in found);
  if (isGranted || isAboutToken) return idTokenFault('The id_token was refused.', error);
  if (code === 'OAUTH_INVALID_RESPONSE' && isIssuerMismatch(error)) {
    return idTokenFault('The answer comes from another issuer.', error);
  }
  return tokenFault('The provider did not accept the code.', error);
}

/** `iss` of the authorization response (RFC 9207). */
const isIssuerMismatch = (error: unknown): boolean =>
  error instanceof Error &&
  /"iss"/.test(`${error.message} ${String(Reflect.get(Object(error.cause), 'message'))}`);

/** The library wraps errors; the innermost cause has the facts. */
function rootCause(error: Error): unknown {
  let cause: unknown = error.cause;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    if (cause.cause === undefined) break;
    cause = cause.cause;
  }
  return cause;
}

const sentence = (text: string): string => `The id_token was refused: ${text}.`;
