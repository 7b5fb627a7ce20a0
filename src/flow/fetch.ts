// Shows a flow to the one who started it, or says that it is over and which one takes its place.
import * as messages from '../base/messages.ts';
import { registrationDisabled } from '../base/refusals.ts';
import type { FlowDeps } from './deps.ts';
import { isExpired, refuseGone } from './expiry.ts';
import type { FlowKind } from './flow.ts';
import { flowToShow } from './load.ts';
import { restartLogin } from './login/create.ts';
import { restartRegistration } from './registration/create.ts';
import type { FlowRequest } from './request.ts';
import type { FlowResult } from './result.ts';
import { restartSettings } from './settings/create.ts';
import { requireOwner } from './settings/guard.ts';

/** Answers GET /self-service/{login,registration,settings}/flows. Always as JSON. */
export async function fetchFlow(
  deps: FlowDeps,
  kind: Exclude<FlowKind, 'recovery' | 'verification'>,
  request: FlowRequest,
): Promise<Extract<FlowResult, { kind: 'started' }>> {
  if (kind === 'registration' && !deps.settings.isRegistrationOpen) throw registrationDisabled();
  const flow = await flowToShow(deps, kind, request);
  if (kind === 'settings') {
    const page = new URL(deps.settings.uiUrl.settings);
    page.searchParams.set('flow', flow.id);
    const { identity } = await requireOwner(deps, flow, { request, returnTo: page.href });
    if (isExpired(flow, deps.clock.nowMs())) {
      const restart = restartSettings(deps, identity);
      return refuseGone(deps, flow, { request, restart, message: messages.settingsExpired });
    }
    return { kind: 'started', flow, subject: identity };
  }
  if (!isExpired(flow, deps.clock.nowMs())) return { kind: 'started', flow };
  return kind === 'login'
    ? refuseGone(deps, flow, { request, restart: restartLogin(deps), message: messages.loginExpired })
    : refuseGone(deps, flow, {
        request,
        restart: restartRegistration(deps),
        message: messages.registrationExpired,
      });
}
