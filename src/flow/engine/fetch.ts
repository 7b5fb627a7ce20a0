// Shows a flow to the one who started it, or says that it is over and which one takes its place.

import { withQuery } from '../../lib/url.ts';
import { invariant } from '../../protocol/api-error.ts';
import * as messages from '../../protocol/messages.ts';
import { recoveryDisabled, registrationDisabled, verificationDisabled } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow, FlowKind } from '../flow.ts';
import { restartLogin } from '../login/create.ts';
import { restartProof } from '../proof/start.ts';
import { restartRegistration } from '../registration/create.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { restartSettings } from '../settings/create.ts';
import { requireOwner } from '../settings/guard.ts';
import { type ExpiredMessage, isExpired, type Restart, refuseGone } from './expiry.ts';
import { flowToShow } from './load.ts';

/** Answers GET /self-service/{login,registration,recovery,verification,settings}/flows. Always as JSON. */
export async function fetchFlow(
  deps: FlowDeps,
  kind: FlowKind,
  request: FlowRequest,
): Promise<Extract<FlowResult, { kind: 'started' }>> {
  refuseClosed(deps, kind);
  const flow = await flowToShow(deps, kind, request);
  const owner = kind === 'settings' ? await ownerOf(deps, flow, request) : undefined;
  if (!isExpired(flow, deps.clock.nowMs())) {
    return { kind: 'started', flow, ...(owner ? { subject: owner.identity } : {}) };
  }
  return refuseGone(deps, flow, { request, ...successor(deps, kind, owner) });
}

function refuseClosed({ settings }: FlowDeps, kind: FlowKind): void {
  if (kind === 'registration' && !settings.isRegistrationOpen) throw registrationDisabled();
  if (kind === 'recovery' && !settings.isRecoveryOpen) throw recoveryDisabled();
  if (kind === 'verification' && !settings.isVerificationOpen) throw verificationDisabled();
}

function ownerOf(deps: FlowDeps, flow: Flow, request: FlowRequest): Promise<SignedIn> {
  const page = withQuery(deps.settings.uiUrl.settings, { flow: flow.id });
  return requireOwner(deps, flow, { request, returnTo: page });
}

/** What takes the place of a flow of this kind, and what is said above it. */
function successor(
  deps: FlowDeps,
  kind: FlowKind,
  owner: SignedIn | undefined,
): { readonly restart: Restart; readonly message: ExpiredMessage } {
  switch (kind) {
    case 'login':
      return { restart: restartLogin(deps), message: messages.loginExpired };
    case 'registration':
      return { restart: restartRegistration(deps), message: messages.registrationExpired };
    case 'recovery':
      return { restart: restartProof(deps, kind), message: messages.recoveryExpired };
    case 'verification':
      return { restart: restartProof(deps, kind), message: messages.verificationExpired };
    case 'settings':
      invariant(owner, 'a settings flow is shown to its owner only');
      return { restart: restartSettings(deps, owner), message: messages.settingsExpired };
    default:
      return kind satisfies never;
  }
}
