// Signs a device out from the account page, and leads back there.

import type { FlowDeps } from '../../flow/deps.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { revokeOtherSession, revokeOtherSessions } from '../../flow/session/own-sessions.ts';
import { probeBody } from '../../form/body.ts';
import { parseUuid } from '../../lib/ids.ts';
import { withQuery } from '../../lib/url.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { startUrl } from '../flow/find-flow.ts';
import type { PageAnswer } from '../frame/route.ts';
import { ALL_OTHERS } from './devices.ts';

/** Answers POST /ui/sessions/revoke; the port has checked the anti-CSRF token. */
export async function revokeFromPage(deps: FlowDeps, request: FlowRequest): Promise<PageAnswer> {
  const probe = probeBody(request.body);
  const body = probe.kind === 'readable' ? probe.body : {};
  const id = String(body['id'] ?? '');
  try {
    if (id === ALL_OTHERS) await revokeOtherSessions(deps, request);
    else await revokeOtherSession(deps, request, id);
  } catch (error) {
    // Signed out in the meantime, perhaps from another device.
    if (error instanceof ApiError && error.status === 401) {
      return { kind: 'redirect', to: startUrl(deps, 'settings') };
    }
    throw error;
  }
  const flow = parseUuid(String(body['flow'] ?? ''));
  if (!flow) return { kind: 'redirect', to: startUrl(deps, 'settings') };
  const done = id === ALL_OTHERS ? 'devices' : 'device';
  return { kind: 'redirect', to: withQuery(deps.settings.uiUrl.settings, { flow, done }) };
}
