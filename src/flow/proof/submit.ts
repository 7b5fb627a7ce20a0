// What recovery and verification share when something is submitted: find the method, and follow all answers but the proof.

import { probeBody } from '../../form/body.ts';
import type { JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { withQuery } from '../../lib/url.ts';
import type { ApiError } from '../../protocol/api-error.ts';
import type { Message } from '../../protocol/message.ts';
import * as messages from '../../protocol/messages.ts';
import { badRequest, flowReplaced } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { atOf } from '../engine/at.ts';
import { dispatch } from '../engine/dispatch.ts';
import { followStep, withoutTransientPayload } from '../engine/follow.ts';
import { schemaOf } from '../engine/start.ts';
import type { FormSubmission, Submission } from '../engine/submission.ts';
import { takeStep } from '../engine/take-step.ts';
import type { Flow, FlowType } from '../flow.ts';
import type { ProofOutcome, Proven, Rejected, Restart } from '../method/outcome.ts';
import type { ProofStep } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { TOO_MANY_TRIES } from '../secret/budget.ts';
import { newProofFlow, type ProofKind, proofMethod, restartProof } from './start.ts';

interface Submitted {
  readonly flow: Flow;
  readonly request: FlowRequest;
  /** Shown where the method in use does not feel addressed. */
  readonly nobody: Message;
  /** What follows a proof. */
  readonly complete: (
    proven: Proven,
    of: { readonly flow: Flow; readonly method: string },
  ) => Promise<FlowResult>;
}

export async function submitProof(deps: FlowDeps, kind: ProofKind, of: Submitted): Promise<FlowResult> {
  const { flow, request } = of;
  const { method } = proofMethod(deps, kind, flow);
  const found = dispatch<ProofStep>({
    flow,
    request,
    methods: [method],
    absentMethods: [],
    schema: schemaOf(deps, flow),
    isEnabled: (candidate) => candidate.isEnabled,
    stepOf: (candidate) => candidate.handlers[kind],
    nobody: of.nobody,
  });
  const step: FormSubmission = { flow, request, method: '', order: (nodes) => nodes };
  if (found.kind === 'rejected') {
    const isNobody = found.problems[0]?.message.id === of.nobody.id;
    return followStep(deps, isNobody ? nobodyAddressed(deps, kind, { ...of, refusal: found }) : found, step);
  }
  const current = found.flow;
  const here = { flow: current, request, schema: schemaOf(deps, flow) };
  const outcome =
    (await takeStep(deps, found.step, { ...atOf(deps, method.name, here), body: found.body })) ?? exhausted;
  const next = { ...step, flow: current, method: method.name };
  switch (outcome.kind) {
    case 'proven':
      return of.complete(outcome, { flow: current, method: method.name });
    case 'restart':
      return startOver(deps, kind, {
        outcome: whereOpened(current, request, outcome),
        old: current,
        request,
      });
    default: {
      const result = await followStep(deps, outcome, next);
      return result.kind === 'form' && isQuiet(kind, outcome, { flow, body: found.body })
        ? { ...result, flow: withoutTransientPayload(result.flow) }
        : result;
    }
  }
}

/**
 * True where a native app's flow goes on in a browser: a person has opened the link of its message, or sends the form that
 * the link led to. They are shown pages, whatever happens, and never JSON.
 */
export function goesOnInBrowser(flow: Flow, { verb, client, csrfFromCookie }: FlowRequest): boolean {
  if (flow.type !== 'api' || !client.takesHtml || client.isJson) return false;
  return verb === 'GET' || (flow.csrfDigest !== undefined && csrfFromCookie);
}

/** A flow that takes the place of another one is a browser's where that went on in one. */
export function whereOpened(
  flow: Flow,
  request: FlowRequest,
  outcome: Omit<Restart, 'kind'>,
): Omit<Restart, 'kind'> {
  return goesOnInBrowser(flow, request) ? { ...outcome, isFollowedLink: true } : outcome;
}

/** Nothing more can be guessed in this flow: it is worth nothing any more. */
const exhausted: Restart = { kind: 'restart', message: messages.generic(TOO_MANY_TRIES) };

/** The form again; a verification keeps the address that was typed. The flow keeps its method where it is not the one in use. */
function nobodyAddressed(
  deps: FlowDeps,
  kind: ProofKind,
  of: { readonly flow: Flow; readonly request: FlowRequest; readonly refusal: Rejected },
): Rejected {
  const isInUse = proofMethod(deps, kind).method.name === of.flow.active;
  const probe = probeBody(of.request.body);
  const email = probe.kind === 'readable' ? probe.body['email'] : undefined;
  return {
    ...of.refusal,
    ...(typeof email === 'string' && kind === 'verification' ? { echo: { email } } : {}),
    ...(isInUse ? { patch: { active: 'default' } } : {}),
  };
}

/** Some answers do not show what the client gave for hooks: a verification that sent, a recovery by choice that got a code. */
function isQuiet(
  kind: ProofKind,
  outcome: Exclude<ProofOutcome, Proven | Restart>,
  of: { readonly flow: Flow; readonly body: JsonObject },
): boolean {
  if (kind === 'verification') return outcome.kind === 'continue' && outcome.effect !== undefined;
  return of.flow.state === 'recovery_awaiting_code' && Boolean(of.body['code']);
}

/** A new flow of the same type with the reason above it. Its anti-CSRF token is a new one: the old form is worth nothing. */
export async function startOver(
  deps: FlowDeps,
  kind: ProofKind,
  of: {
    readonly outcome: Omit<Restart, 'kind'>;
    /** A refusal with an id of its own, told to apps beside the new flow. */
    readonly refusal?: ApiError;
    readonly old: Flow;
    readonly request: FlowRequest;
  },
): Promise<FlowResult> {
  const { old, request, outcome } = of;
  const type = outcome.isFollowedLink ? 'browser' : old.type;
  const fresh = await successor(deps, kind, { ...of, type });
  // Being late is no reason to take the browser's token away, but one that has none needs one to see the new flow.
  const rotatesCsrf = !outcome.isLate || !request.csrfFromCookie;
  const flow: Flow = {
    ...fresh,
    csrfDigest: tokenDigest(rotatesCsrf ? request.nextCsrfToken : request.csrfToken),
    form: { ...fresh.form, messages: [outcome.message] },
  };
  await deps.database.stores.flows.insert(flow);
  const cookies = { rotatesCsrf };
  const isApp = !outcome.isFollowedLink && (old.type === 'api' || request.client.isJson);
  if (!isApp) return { kind: 'moved', url: flowPage(deps, flow), cookies };
  if (kind === 'verification') return { kind: 'refused', error: flowReplaced(flow.id), cookies };
  if (deps.settings.usesTransitions) {
    const refusal = of.refusal ?? badRequest(outcome.message.text);
    return { kind: 'refused', error: withContinueWith(refusal, flow), cookies };
  }
  return {
    kind: 'moved',
    url: `${deps.settings.publicUrl}self-service/${kind}/flows?id=${flow.id}`,
    cookies,
  };
}

function successor(
  deps: FlowDeps,
  kind: ProofKind,
  of: {
    readonly outcome: Omit<Restart, 'kind'>;
    readonly old: Flow;
    readonly request: FlowRequest;
    readonly type: FlowType;
  },
): Promise<Flow> {
  const { old, request, type } = of;
  if (of.outcome.isLate) return restartProof(deps, kind)({ ...old, type }, request);
  const query = new URLSearchParams();
  if (old.returnTo !== undefined) query.set('return_to', old.returnTo);
  return Promise.resolve(newProofFlow(deps, kind, type, { ...request, query }));
}

function withContinueWith(refusal: ApiError, flow: Flow): ApiError {
  const next = [{ action: 'show_recovery_ui', flow: { id: flow.id } }];
  return refusal.with({ details: { ...refusal.details, continue_with: next } });
}

/** The proof was right once, but what it was for cannot happen any more: it is told like a wrong one. */
export function showStale(
  deps: FlowDeps,
  kind: ProofKind,
  { ifStale }: Proven,
  of: Submission,
): Promise<FlowResult> {
  if (ifStale.kind === 'continue') return followStep(deps, ifStale, { ...of, order: (nodes) => nodes });
  return startOver(deps, kind, { outcome: ifStale, old: of.flow, request: of.request });
}

export const flowPage = (deps: FlowDeps, flow: Flow): string =>
  withQuery(deps.settings.uiUrl[flow.kind], { flow: flow.id });
