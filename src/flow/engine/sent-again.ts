// A form that was sent already: its flow is over, and this says how it ended and whether the same browser sends it once more.
import { emptyForm } from '../../form/node.ts';
import { type FlowId, parseUuid } from '../../lib/ids.ts';
import { equalSecrets, tokenDigest } from '../../lib/secret.ts';
import type { FlowDeps } from '../deps.ts';
import type { Finished, Flow, FlowKind } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { afterUrl } from './start.ts';

/** Longer than people wait before they press the button again, and than browsers wait for an answer that does not come. */
const SENT_AGAIN_MS = 2 * 60_000;

export interface FinishedFlow extends Flow {
  readonly finished: Finished;
}

/** The flow of a request, where it ended with success; what was typed into it is gone. */
export async function finishedFlow(
  deps: FlowDeps,
  kind: FlowKind,
  request: FlowRequest,
): Promise<FinishedFlow | undefined> {
  const id = parseUuid<FlowId>(request.query.get('flow'));
  const flow = id && (await deps.database.stores.flows.findConsumed(kind, id));
  return flow?.finished ? { ...flow, finished: flow.finished } : undefined;
}

/** What is kept of a flow that ends with this sign-in: who may send it again, and where it led. */
export function asFinished(
  { memory: _memory, departure: _departure, transientPayload: _forHooks, ...flow }: Flow,
  finished: Finished,
): Flow {
  return { ...flow, form: emptyForm, internal: {}, finished };
}

/**
 * True where the browser that finished the flow sends it again before it had the answer: it still holds the anti-CSRF token
 * of the form, which a sign-in replaces. It gets no session for that; what it submits is checked again.
 */
export function isSentAgain(
  deps: FlowDeps,
  { csrfDigest, type, finished }: FinishedFlow,
  request: FlowRequest,
): boolean {
  return (
    type === 'browser' &&
    csrfDigest !== undefined &&
    request.verb === 'POST' &&
    request.csrfFromCookie &&
    equalSecrets(tokenDigest(request.csrfToken), csrfDigest) &&
    deps.clock.nowMs() - finished.atMs <= SENT_AGAIN_MS
  );
}

/** Where the first answer led: for the browser that has the session of it. */
export function whereItLed(deps: FlowDeps, flow: FinishedFlow): string {
  return flow.finished.goTo ?? afterUrl(deps, flow, flow.finished.method);
}

/** Nobody was signed in by sending it again: true for forms and pages that come without a session. */
export function isNoSignIn(result: FlowResult): boolean {
  return result.kind === 'form' && typeof result.cookies?.session !== 'object';
}
