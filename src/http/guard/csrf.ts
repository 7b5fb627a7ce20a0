// The anti-CSRF cookie: when it is set, which paths need a token, and what a refusal says (docs/protocol/http.md section 3).

import { isCsrfToken, newCsrfToken, verifyCsrf } from '../../form/csrf-token.ts';
import type { ApiError } from '../../protocol/api-error.ts';
import { csrfViolation } from '../../protocol/refusals.ts';
import { splitDevices } from './device-tokens.ts';

export interface CsrfState {
  /** The token of this browser, new where the cookie held none. */
  readonly token: string;
  readonly isFromCookie: boolean;
  /** Several cookies of the name were sent: somebody planted one, so all of them go. */
  readonly isDuplicate: boolean;
  /** What the cookie says of whose device this is, unread; empty where it says nothing. */
  readonly devices: string;
}

/** What the check looks at of a request. */
interface CheckedRequest {
  readonly method: string;
  readonly header: (name: string) => string | undefined;
  readonly formField: (name: string) => Promise<string | undefined>;
  readonly csrf: CsrfState;
}

export function readCsrf(cookies: ReadonlyMap<string, readonly string[]>, cookieName: string): CsrfState {
  const values = cookies.get(cookieName) ?? [];
  const [value] = values;
  const isDuplicate = values.length > 1;
  const { csrfToken, devices } = splitDevices((value === undefined ? undefined : decodeCookie(value)) ?? '');
  if (!isDuplicate && isCsrfToken(csrfToken)) {
    return { token: csrfToken, isFromCookie: true, isDuplicate: false, devices };
  }
  return { token: newCsrfToken(), isFromCookie: false, isDuplicate, devices: '' };
}

/** Some clients send the cookie back percent-encoded. */
function decodeCookie(value: string): string | undefined {
  try {
    return value.includes('%') ? decodeURIComponent(value) : value;
  } catch {
    return undefined;
  }
}

/** No cookie, no Vary, no check. */
const DISABLED = new Set(['/health/alive', '/health/ready', '/version', '/metrics/prometheus']);

/** Checked by the flows themselves, or safe without: native clients and other servers call them without cookies. */
const IGNORED: readonly RegExp[] = [
  /^\/self-service\/(?:login|registration|recovery|verification|settings)(?:\/api)?$/,
  /^\/self-service\/logout\/api$/,
  /^\/sessions(?:\/[^/]+(?:\/extend)?)?$/,
  /^(?:\/admin)?\/identities(?:\/[^/]+(?:\/credentials\/[^/]+)?)?$/,
  /^\/identities\/[^/]+\/sessions$/,
  /^(?:\/admin)?\/courier\/messages$/,
  /^(?:\/admin)?\/schemas\/[^/]+$/,
  /^\/recovery\/(?:link|code)$/,
];

export type CsrfRule = 'disabled' | 'ignored' | 'enforced';

export function csrfRule(path: string): CsrfRule {
  if (DISABLED.has(path)) return 'disabled';
  return IGNORED.some((pattern) => pattern.test(path)) ? 'ignored' : 'enforced';
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** The refusal of an unsafe request without a fitting token, or undefined where it may pass. */
export async function checkCsrf(context: CheckedRequest): Promise<ApiError | undefined> {
  if (SAFE_METHODS.has(context.method)) return undefined;
  const submitted = context.header('x-csrf-token') ?? (await context.formField('csrf_token')) ?? '';
  if (context.csrf.isFromCookie && verifyCsrf(context.csrf.token, submitted)) return undefined;
  return csrfViolation(csrfHint(context, submitted !== ''));
}

/** Why a token did not fit, in terms that help the developer of a client. */
export function csrfHint(
  context: Pick<CheckedRequest, 'header' | 'csrf'>,
  hasToken: boolean,
): { readonly hint: string; readonly rejectReason?: string } {
  const mode = context.header('sec-fetch-mode');
  const isScript = mode === 'cors' || mode === 'same-origin';
  const hint = isScript
    ? 'A page sent this by script: check that cross-origin requests are allowed and that credentials are included.'
    : 'A browser or a server sent this: check that cookies are kept and forwarded.';
  const isCookieEmpty = !context.header('cookie');
  if (isCookieEmpty) return { hint, rejectReason: 'The Cookie header is empty or missing.' };
  if (!context.csrf.isFromCookie)
    return { hint, rejectReason: 'The Cookie header holds no usable anti-CSRF cookie.' };
  const isForm = !(context.header('content-type') ?? '').startsWith('application/json');
  if (isForm && !hasToken) {
    return {
      hint: 'The cookie is there, but neither the form field csrf_token nor the header X-CSRF-Token.',
    };
  }
  return { hint, rejectReason: 'The anti-CSRF cookie and the submitted token do not belong together.' };
}
