// The login challenge of an OAuth2 server: read when a flow starts, kept with the flow, answered when its person is known.

import type { IdentityId } from '../../lib/ids.ts';
import { newUuid } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { withQuery } from '../../lib/url.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { ActiveSession } from '../../session/authenticate.ts';
import type { AuthMethodRef, Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import type { LoginChallenge } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { CookieChanges, FlowResult } from '../result.ts';
import { isLevelEnough, stepUpUrl } from '../session/signed-in.ts';

/**
 * The challenge that a browser brings. Anybody can write one into an address, so while no server is configured it is the
 * request that is wrong: an answer of 500 would let strangers fill the operator's log with failures.
 */
export async function readLoginChallenge(
  deps: FlowDeps,
  request: Pick<FlowRequest, 'query'>,
): Promise<LoginChallenge | undefined> {
  const challenge = request.query.get('login_challenge');
  if (challenge === null) return undefined;
  if (challenge === '') throw badRequest('The query parameter "login_challenge" is empty.');
  if (!deps.loginRequests)
    throw badRequest('A login challenge was sent, but oauth2_provider.url is not configured.');
  return { challenge, request: await deps.loginRequests.find(challenge) };
}

/** True where the server remembers the person: whoever is signed in need not prove it again. */
export const isSkipped = ({ request }: LoginChallenge): boolean => request['skip'] === true;

/** With `override_return_to` every other way out of the flow leads back to the authorization request. */
export function withOverride(
  deps: FlowDeps,
  request: FlowRequest,
  challenge: LoginChallenge | undefined,
): FlowRequest {
  const asked = challenge?.request['request_url'];
  if (!deps.settings.overridesReturnTo || typeof asked !== 'string' || asked === '') return request;
  const query = new URLSearchParams(request.query);
  query.set('return_to', asked);
  return { ...request, query };
}

/** The address of a flow in which the person must prove again who they are; parameters in the order of their names. */
export function withRefresh(request: FlowRequest): FlowRequest {
  const url = new URL(request.url);
  url.searchParams.set('refresh', 'true');
  url.searchParams.sort();
  const query = new URLSearchParams(request.query);
  query.set('refresh', 'true');
  return { ...request, url: url.href, query };
}

interface Person {
  readonly identityId: IdentityId;
  /** Absent where the person was not signed in here. */
  readonly session: Session | undefined;
  readonly authMethods: readonly Pick<AuthMethodRef, 'method'>[];
}

/**
 * Tells the server who signed in, and answers where the browser goes. A person whom the server does not expect is refused in
 * their name: it remembers somebody else and would not take them.
 */
export async function answerChallenge(
  deps: FlowDeps,
  { challenge, request }: LoginChallenge,
  person: Person,
): Promise<string> {
  const provider = deps.loginRequests;
  if (!provider) throw badRequest('A login challenge is pending, but oauth2_provider.url is not configured.');
  const expected = request['subject'];
  if (isSkipped({ challenge, request }) && typeof expected === 'string' && expected !== '') {
    if (expected !== person.identityId) {
      return provider.reject(challenge, {
        error: 'login_required',
        error_description: 'Another account is signed in than the one that was remembered.',
      });
    }
  }
  const { settings } = deps;
  return provider.accept(challenge, {
    subject: person.identityId,
    ...(person.session ? { identity_provider_session_id: person.session.id } : {}),
    remember: settings.keepsSessionCookie,
    remember_for: Math.floor(settings.sessionLifespanMs / 1000),
    amr: person.authMethods.map(({ method }) => method),
  });
}

/** Somebody is signed in already, and that is enough; or a second factor is missing. */
export async function answerWithSession(
  deps: FlowDeps,
  challenge: LoginChallenge,
  { active, returnTo }: { readonly active: ActiveSession; readonly returnTo: string | null },
): Promise<FlowResult> {
  const { session, factors } = active;
  if (!isLevelEnough(deps, { session, factors }, deps.settings.whoamiAal)) {
    const more = { login_challenge: challenge.challenge, return_to: returnTo ?? undefined };
    return { kind: 'goto', url: stepUpUrl(deps, more) };
  }
  const { authMethods } = session;
  return leaveForServer(deps, challenge, { identityId: active.identity.id, session, authMethods });
}

/** The end of a sign-in for a challenge: on to the server. Where it fails the person stays signed in all the same. */
export async function leaveForServer(
  deps: FlowDeps,
  challenge: LoginChallenge,
  of: Person & { readonly cookies?: CookieChanges },
): Promise<FlowResult> {
  const { cookies = {} } = of;
  try {
    return { kind: 'goto', url: await answerChallenge(deps, challenge, of), cookies };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { kind: 'refused', error: await onErrorPage(deps, error), cookies };
  }
}

/** The error with a page for those who look at a browser. */
async function onErrorPage(deps: FlowDeps, error: ApiError): Promise<ApiError> {
  const id = newUuid();
  const { error: envelope } = error.toEnvelope();
  const kept = envelope as JsonObject; // the envelope's `error` is an object
  await deps.database.stores.errors.insert({ id, error: kept, createdAtMs: deps.clock.nowMs() });
  const page = withQuery(deps.settings.uiUrl.error, { id });
  return new ApiError({
    id: error.id,
    status: error.status,
    message: error.message,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    ...(error.details === undefined ? {} : { details: error.details }),
    cause: error.cause,
    goTo: { url: page, status: 303 },
  });
}

/** Where a browser signs in for the challenge of a flow that was verified elsewhere. */
export const signInForChallenge = (deps: FlowDeps, { challenge }: LoginChallenge): string =>
  withQuery(`${deps.settings.publicUrl}self-service/login/browser`, { login_challenge: challenge });
