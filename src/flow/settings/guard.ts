// Who may use settings: signed in, with enough factors, and only their own.
import { ApiError } from '../../protocol/api-error.ts';
import { identityMismatch, noSession, secondFactorRequired } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow, FlowType } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import { isLevelEnough, type SignedIn, signedIn, stepUpUrl } from '../session/signed-in.ts';

/** The person who starts settings; a browser without a session is sent to sign in and comes back. */
export async function requireStarter(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<SignedIn> {
  const active = await signedIn(deps, request.credentials);
  if (!active) throw type === 'api' ? noSession() : notSignedIn(deps, request);
  const back = request.query.get('return_to') ? request.url : undefined;
  requireLevel(deps, active, { type, returnTo: back });
  return active;
}

/** The person of an existing flow: nobody else may see or submit it. */
export async function requireOwner(
  deps: FlowDeps,
  flow: Flow,
  of: { readonly request: FlowRequest; readonly returnTo: string },
): Promise<SignedIn> {
  const active = await signedIn(deps, of.request.credentials);
  if (!active) {
    throw new ApiError({
      status: 401,
      reason: 'Sign in to see or change settings.',
      goTo: { url: deps.settings.uiUrl.login, status: 302 },
    });
  }
  if (flow.identityId !== active.identity.id) throw identityMismatch();
  requireLevel(deps, active, { type: flow.type, returnTo: of.returnTo });
  return active;
}

function requireLevel(
  deps: FlowDeps,
  active: SignedIn,
  of: { readonly type: FlowType; readonly returnTo: string | undefined },
): void {
  if (isLevelEnough(deps, active, deps.settings.settingsAal)) return;
  const url = stepUpUrl(deps, { return_to: of.returnTo });
  const refusal = secondFactorRequired(url);
  throw of.type === 'api' ? refusal : withGoTo(refusal, url);
}

function notSignedIn(deps: FlowDeps, request: FlowRequest): ApiError {
  const login = new URL(`${deps.settings.publicUrl}self-service/login/browser`);
  const returnTo = request.query.get('return_to');
  if (returnTo) login.searchParams.set('return_to', returnTo);
  return noSession().with({ beside: { CredentialsMissing: false }, goTo: { url: login.href, status: 303 } });
}

/** The same refusal, with a place where a person in a browser goes instead. */
export function withGoTo(error: ApiError, url: string): ApiError {
  return error.with({ goTo: { url, status: 303 } });
}
