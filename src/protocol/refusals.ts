// Every refusal of the protocol, one maker each. Ids and statuses: docs/protocol/http.md section 1.
import type { JsonObject } from '../lib/json.ts';
import { spanInWords } from '../lib/time-span.ts';
import { ApiError } from './api-error.ts';

export const badRequest = (reason: string): ApiError => new ApiError({ status: 400, reason });
export const notFound = (reason?: string): ApiError =>
  new ApiError({ status: 404, message: 'Not found.', ...(reason ? { reason } : {}) });
export const conflict = (reason: string): ApiError =>
  new ApiError({ status: 409, message: 'A resource with this value already exists.', reason });
export const forbidden = (reason: string): ApiError => new ApiError({ status: 403, reason });

export const flowIdMissing = (): ApiError =>
  badRequest('The query parameter "flow" is missing or is not the id of a flow.');

export const flowNotFound = (): ApiError =>
  notFound('This flow does not exist or belongs to someone else. Please start again.');

export const methodDisabled = (): ApiError =>
  new ApiError({ status: 404, reason: 'This sign-in method is disabled.' });

export const noSession = (): ApiError =>
  new ApiError({
    id: 'session_inactive',
    status: 401,
    message: 'You are not signed in.',
    reason: 'No active session was found in this request.',
  });

/** whoami and the lists of sessions say it without an id (docs/protocol/http.md 4.1). */
export const noSessionCredentials = (headers: Readonly<Record<string, string>> = {}): ApiError =>
  new ApiError({ status: 401, reason: 'No valid session was found in this request.', headers });

export const firstFactorRequired = (): ApiError =>
  new ApiError({
    id: 'session_aal1_required',
    status: 401,
    message: 'Sign in first.',
    reason: 'Sign in with your first factor first.',
  });

export function secondFactorRequired(redirectBrowserTo: string): ApiError {
  return new ApiError({
    id: 'session_aal2_required',
    status: 403,
    message: 'Two-step verification is required.',
    reason: 'Complete the second step of signing in to continue.',
    details: { redirect_browser_to: redirectBrowserTo },
    beside: { redirect_browser_to: redirectBrowserTo },
  });
}

export function sessionAlreadyAvailable(
  reason: string,
  goTo?: { readonly url: string; readonly status: 302 | 303 },
): ApiError {
  return new ApiError({
    id: 'session_already_available',
    status: 400,
    message: 'You are already signed in.',
    reason,
    ...(goTo ? { goTo } : {}),
  });
}

export function refreshRequired(redirectBrowserTo: string): ApiError {
  return new ApiError({
    id: 'session_refresh_required',
    status: 403,
    message: 'Confirm that it’s you.',
    reason: 'Sign in again to make this change.',
    beside: { redirect_browser_to: redirectBrowserTo },
  });
}

export const identityMismatch = (): ApiError =>
  new ApiError({
    id: 'security_identity_mismatch',
    status: 403,
    message: 'This belongs to a different account.',
    reason: 'This flow was started by a different account.',
  });

export function csrfViolation(why: { readonly hint: string; readonly rejectReason?: string }): ApiError {
  return new ApiError({
    id: 'security_csrf_violation',
    status: 403,
    message: 'The request was rejected to protect you from cross-site request forgery.',
    reason: 'The CSRF token is missing or does not belong to this browser. Reload the page and try again.',
    details: {
      docs: 'https://www.ory.com/docs/troubleshooting/csrf',
      hint: why.hint,
      ...(why.rejectReason ? { reject_reason: why.rejectReason } : {}),
    },
  });
}

export function returnToForbidden(url: string): ApiError {
  return new ApiError({
    id: 'self_service_flow_return_to_forbidden',
    status: 400,
    message: 'The return address is not allowed.',
    reason: `The address "${url}" is not in the list of allowed return addresses.`,
  });
}

export const registrationDisabled = (): ApiError =>
  new ApiError({
    id: 'self_service_flow_disabled',
    status: 400,
    message: 'Registration is closed.',
    reason: 'New accounts cannot be created at the moment.',
  });

/** An expired flow that was fetched: where to start again (docs/protocol/http.md 2.3), and the replacement's id. */
export function flowGone(of: {
  readonly id: string | undefined;
  readonly details: JsonObject;
  readonly useFlowId: string;
}): ApiError {
  return new ApiError({
    ...(of.id ? { id: of.id } : {}),
    status: 410,
    message: 'This flow has expired or was already used.',
    reason: 'Too much time has passed. Please start again.',
    details: of.details,
    beside: { use_flow_id: of.useFlowId },
  });
}

/** An expired flow that was submitted (docs/protocol/http.md 13.3). */
export function flowExpired(of: {
  readonly expiredAt: string;
  readonly sinceMs: number;
  readonly useFlowId: string;
  readonly details?: JsonObject;
}): ApiError {
  return new ApiError({
    id: 'self_service_flow_expired',
    status: 410,
    message: 'This flow has expired.',
    reason: `It expired ${spanInWords(of.sinceMs)} ago. Please start again.`,
    ...(of.details ? { details: of.details } : {}),
    beside: { expired_at: of.expiredAt, since: of.sinceMs * 1_000_000, use_flow_id: of.useFlowId },
  });
}

/** A flow that came to its end was submitted again: another one takes its place (docs/protocol/http.md 13.6). */
export function flowReplaced(useFlowId: string): ApiError {
  return new ApiError({
    id: 'self_service_flow_replaced',
    status: 410,
    message: 'This flow was replaced by a new one.',
    reason: 'Continue with the new flow.',
    beside: { use_flow_id: useFlowId },
  });
}

export const identityDisabled = (identityId: string): ApiError =>
  new ApiError({
    id: 'identity_disabled',
    status: 400,
    reason: 'This account is disabled.',
    details: { identity_id: identityId },
  });

export const recoveryDisabled = (): ApiError => badRequest('Account recovery is disabled.');
export const verificationDisabled = (): ApiError => badRequest('Address verification is disabled.');

/** No address of the account is verified, and one is needed to sign in (docs/protocol/http.md section 1). */
export function verifiedAddressRequired(continueWith: readonly JsonObject[], page?: string): ApiError {
  return new ApiError({
    id: 'session_verified_address_required',
    status: 403,
    bodyCode: 400,
    message: 'Verify your address to continue.',
    reason: 'This account needs a verified address before it can be used to sign in.',
    details: { continue_with: continueWith },
    ...(page === undefined ? {} : { goTo: { url: page, status: 303 } }),
  });
}

export function locationChangeRequired(url: string): ApiError {
  return new ApiError({
    id: 'browser_location_change_required',
    status: 422,
    message: 'The browser must open another page to continue.',
    reason: `To continue, open ${url} in the browser.`,
    beside: { redirect_browser_to: url },
  });
}

export const concurrentUpdate = (): ApiError =>
  badRequest('This was changed by another request at the same time. Please try again.');

/** Somebody deleted the account while its person, or an administrator, did something else with it. */
export const accountGone = (cause?: unknown): ApiError =>
  new ApiError({
    status: 404,
    reason: 'This account no longer exists.',
    ...(cause === undefined ? {} : { cause }),
  });

/** What everything needs cannot be used. The answer comes at once, and says when to come again. */
export const unavailable = (cause: unknown): ApiError =>
  new ApiError({
    status: 503,
    message: 'The service is temporarily unavailable. Please try again shortly.',
    headers: { 'Retry-After': '2' },
    cause,
  });

/** While the server is told to write nothing. */
export const readOnly = (): ApiError =>
  new ApiError({
    status: 503,
    message: 'Nothing can be changed for the moment, because of maintenance; try again shortly.',
    headers: { 'Retry-After': '30' },
  });

export const misconfigured = (reason: string, cause?: unknown): ApiError =>
  new ApiError({
    id: 'invalid_configuration',
    status: 500,
    message: 'The server is not configured for this.',
    reason,
    ...(cause === undefined ? {} : { cause }),
  });

/** The OAuth2 server whose login request is to be answered; without an id, as Kratos says it. */
export const oauth2ProviderFailed = (details: JsonObject, cause?: unknown): ApiError =>
  new ApiError({
    status: 500,
    reason: 'The OAuth2 server returned an invalid response.',
    details,
    ...(cause === undefined ? {} : { cause }),
  });

/** A fault of what the operator wrote, such as a snippet; without an id, as Kratos says it. */
export const internalFault = (reason: string, cause?: unknown): ApiError =>
  new ApiError({ status: 500, reason, ...(cause === undefined ? {} : { cause }) });

/** A service of the operator's that a flow has to ask; without an id, as Kratos says it. */
export const serviceFailed = (reason: string, cause?: unknown): ApiError =>
  new ApiError({ status: 502, reason, ...(cause === undefined ? {} : { cause }) });

export const serviceTimedOut = (reason: string, cause?: unknown): ApiError =>
  new ApiError({ status: 504, reason, ...(cause === undefined ? {} : { cause }) });

export const upstreamFailed = (reason: string, cause?: unknown): ApiError =>
  new ApiError({ id: 'upstream_error', status: 502, reason, ...(cause === undefined ? {} : { cause }) });
