// Takes a submission to a recovery: an address to write to, or the secret that was sent there.
import { probeBody } from '../../base/body.ts';
import * as messages from '../../base/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { isExpired, replaceFlow } from '../expiry.ts';
import { flowToSubmit } from '../load.ts';
import { restartProof } from '../proof-start.ts';
import { startOver, submitProof } from '../proof-submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { completeRecovery } from './complete.ts';
import { refuseSignedIn } from './create.ts';

/** Answers POST and GET /self-service/recovery; a GET with a token follows a link. */
export async function submitRecovery(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  const flow = await flowToSubmit(deps, 'recovery', request);
  const probe = probeBody(request.body);
  const isAsking = flow.state !== 'sent_email' || (probe.kind === 'readable' && Boolean(probe.body['email']));
  // Whoever proves the address may take over from the one who is signed in; nobody else may write to people from here.
  if (isAsking && !request.query.has('token')) await refuseSignedIn(deps, request);
  if (isExpired(flow, deps.clock.nowMs())) {
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
