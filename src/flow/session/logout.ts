// Signing out: a link that only this session's browser can follow, and the direct way of native apps.
import { decodeBody } from '../../form/body.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { badRequest, forbidden, noSession } from '../../protocol/refusals.ts';
import { Type } from '../../schema/typebox.ts';
import { isLogoutToken, logoutToken } from '../../session/lifecycle.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { allowedReturnTo, returnUrl } from '../engine/start.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { activeSession, knownTo } from './signed-in.ts';

/** Answers GET /self-service/logout/browser: where this browser's session is ended. */
export async function createLogout(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  const active = await activeSession(deps, request.credentials);
  if (!active) throw noSession();
  const returnTo = allowedReturnTo(deps, request.query.get('return_to'));
  const [secret = ''] = deps.settings.logoutSecrets;
  const token = logoutToken(active.session, secret);
  const url = new URL(`${deps.settings.publicUrl}self-service/logout`);
  if (returnTo) url.searchParams.set('return_to', returnTo);
  url.searchParams.set('token', token);
  return { kind: 'done', json: { logout_url: url.href, logout_token: token } };
}

/** Answers GET /self-service/logout. The token proves that the link was made for this very session. */
export async function submitLogout(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  const token = request.query.get('token');
  if (!token) throw badRequest('The query parameter "token" is missing.');
  const active = await activeSession(deps, request.credentials);
  if (!active) throw noSession();
  if (!isLogoutToken(token, active.session, deps.settings.logoutSecrets)) {
    throw forbidden('The logout token belongs to a different session.');
  }
  const { settings } = deps;
  const wanted = request.query.get('return_to');
  allowedReturnTo(deps, wanted);
  await endSession(deps, request, active);
  return {
    kind: 'left',
    goTo: returnUrl(deps, wanted, settings.afterUrls.logout.all ?? settings.defaultReturnUrl),
    cookies: { session: 'clear', rotatesCsrf: true, ...knownTo(deps, active) },
    clearsBrowserData: settings.clearsBrowserData && request.url.startsWith('https:'),
  };
}

const nativeLogoutBody = Type.Object({ session_token: Type.Optional(Type.String()) });

/** Answers DELETE /self-service/logout/api. A token that was ended before is fine; one that never was is refused. */
export async function logoutNative(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  if (request.body.kind !== 'json') throw badRequest('Send a JSON body with "session_token".');
  const decoded = decodeBody(request.body, nativeLogoutBody);
  // A missing token is as unknown as a wrong one.
  const token = String((decoded.kind === 'value' && decoded.value['session_token']) || '');
  const found = await deps.database.stores.sessions.findByTokenDigest(tokenDigest(token), []);
  if (!found) throw forbidden('Unknown session token.');
  if (found.session.active) await endSession(deps, request, found);
  return { kind: 'left' };
}

async function endSession(
  deps: FlowDeps,
  request: FlowRequest,
  of: Pick<NonNullable<Awaited<ReturnType<typeof activeSession>>>, 'session' | 'identity'>,
): Promise<void> {
  const subject = { identityId: of.identity.id, sessionId: of.session.id };
  await deps.database.transaction(async (stores) => {
    const nowMs = deps.clock.nowMs();
    await stores.sessions.revoke({ identityId: of.identity.id, id: of.session.id, nowMs });
    await stores.events.append(securityEvent(deps, { request }, { kind: 'session.revoked', ...subject }));
  });
}
