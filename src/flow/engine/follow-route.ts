// What follows the answer of a method's own route: the flow goes on as if the method had been submitted.
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { restartLogin } from '../login/create.ts';
import { followLogin } from '../login/submit.ts';
import type { RouteOutcome } from '../method/contract.ts';
import { restartRegistration } from '../registration/create.ts';
import { followRegistration } from '../registration/submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { signedIn } from '../session/signed-in.ts';
import { restartSettings } from '../settings/create.ts';
import { requireOwner } from '../settings/guard.ts';
import { followSettings } from '../settings/submit.ts';
import { isExpired, replaceFlow } from './expiry.ts';

/** Those outcomes of a route that belong to a flow. */
export type FlowRouteOutcome = Extract<RouteOutcome, { readonly flow: unknown }>;

/** An expired flow is replaced here too: the way to a provider and back may take longer than the flow lives. */
export async function followRoute(
  deps: FlowDeps,
  reached: FlowRouteOutcome,
  of: { readonly request: FlowRequest; readonly method: string },
): Promise<FlowResult> {
  const { flow } = reached;
  const { request } = of;
  const isOver = isExpired(flow, deps.clock.nowMs());
  switch (reached.kind) {
    case 'login': {
      if (isOver) {
        const restart = restartLogin(deps);
        return replaceFlow(deps, flow, { request, restart, message: messages.loginExpired });
      }
      const active = await signedIn(deps, request.credentials);
      return followLogin(deps, reached.outcome, { ...of, flow, active });
    }
    case 'registration': {
      if (isOver) {
        const restart = restartRegistration(deps);
        return replaceFlow(deps, flow, { request, restart, message: messages.registrationExpired });
      }
      return followRegistration(deps, reached.outcome, { ...of, flow });
    }
    case 'settings': {
      const active = await requireOwner(deps, flow, { request, returnTo: request.url });
      if (isOver) {
        const restart = restartSettings(deps, active.identity);
        return replaceFlow(deps, flow, { request, restart, message: messages.settingsExpired });
      }
      return followSettings(deps, reached.outcome, { ...of, flow, active });
    }
    default:
      return reached satisfies never;
  }
}
