// Takes a submission to a verification: an address to write to, or the secret that was sent there.
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { flowToSubmit } from '../engine/load.ts';
import { restartProof } from '../proof/start.ts';
import { flowPage, goesOnInBrowser, startOver, submitProof, whereOpened } from '../proof/submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { completeVerification } from './complete.ts';

/** Answers POST and GET /self-service/verification; a GET follows the link of a message. */
export async function submitVerification(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  const flow = await flowToSubmit(deps, 'verification', request);
  // Mail programs and scanners look at links like this: that uses nothing up.
  if (request.verb === 'HEAD') return { kind: 'moved', url: flowPage(deps, flow) };
  const isFollowedLink = request.query.has('token');
  const nowMs = deps.clock.nowMs();
  if (isExpired(flow, nowMs)) {
    if (isFollowedLink || goesOnInBrowser(flow, request)) {
      const message = messages.verificationExpired({ expiredAtMs: flow.expiresAtMs, nowMs });
      const outcome = { message, isFollowedLink: true, isLate: true } as const;
      return startOver(deps, 'verification', { outcome, old: flow, request });
    }
    const restart = restartProof(deps, 'verification');
    return replaceFlow(deps, flow, { request, restart, message: messages.verificationExpired });
  }
  if (flow.state === 'passed_challenge' && !isFollowedLink) {
    const outcome = whereOpened(flow, request, { message: messages.verificationAlreadyDone() });
    return startOver(deps, 'verification', { outcome, old: flow, request });
  }
  const result = await submitProof(deps, 'verification', {
    flow,
    request,
    nobody: messages.noVerificationMethod(),
    complete: (proven, of) => completeVerification(deps, proven, { ...of, request }),
  });
  // Whoever takes HTML is shown the page, even of a native app's flow: links are opened in browsers (docs/protocol/http.md 2.10).
  if (result.kind !== 'form' || !request.client.takesHtml) return result;
  if (result.isRejected && !goesOnInBrowser(flow, request)) return result;
  return {
    kind: 'moved',
    url: flowPage(deps, result.flow),
    ...(result.cookies ? { cookies: result.cookies } : {}),
  };
}
