// Takes a submission to a recovery: an address to write to, or the secret that was sent there.
import { probeBody } from '../../form/body.ts';
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { flowToSubmit } from '../engine/load.ts';
import type { Flow } from '../flow.ts';
import { restartProof } from '../proof/start.ts';
import { flowPage, startOver, submitProof } from '../proof/submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { completeRecovery } from './complete.ts';
import { refuseSignedIn } from './create.ts';

/** Answers POST and GET /self-service/recovery; a GET with a token follows a link. */
export async function submitRecovery(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  const flow = await flowToSubmit(deps, 'recovery', request);
  // Mail programs and scanners look at links like this: that uses nothing up.
  if (request.verb === 'HEAD') return { kind: 'moved', url: flowPage(deps, flow) };
  const isFollowedLink = request.query.has('token');
  const isAsking = !isFollowedLink && !isAnswer(flow, request);
  // Whoever proves the address may take over from the one who is signed in; nobody else may write to people from here.
  if (isAsking) await refuseSignedIn(deps, request);
  const nowMs = deps.clock.nowMs();
  if (isExpired(flow, nowMs)) {
    if (isFollowedLink) {
      const message = messages.recoveryExpired({ expiredAtMs: flow.expiresAtMs, nowMs });
      const outcome = { message, isFollowedLink, isLate: true } as const;
      return startOver(deps, 'recovery', { outcome, old: flow, request });
    }
    const restart = restartProof(deps, 'recovery');
    return replaceFlow(deps, flow, { request, restart, message: messages.recoveryExpired });
  }
  if (flow.state === 'passed_challenge' && isAsking) {
    const outcome = { message: messages.recoveryAlreadyDone() };
    return startOver(deps, 'recovery', { outcome, old: flow, request });
  }
  return submitProof(deps, 'recovery', {
    flow,
    request,
    nobody: messages.noRecoveryMethod(),
    complete: (proven, of) => completeRecovery(deps, proven, { ...of, request }),
  });
}

/** A code is given, not asked for: in every state in which one may have been sent, unless an address comes with it. */
function isAnswer(flow: Flow, request: FlowRequest): boolean {
  const probe = probeBody(request.body);
  const body = probe.kind === 'readable' ? probe.body : {};
  if (flow.state === 'sent_email' || flow.state === 'passed_challenge') return !body['email'];
  return flow.state === 'recovery_awaiting_code' && Boolean(body['code']);
}
