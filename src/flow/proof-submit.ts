// What recovery and verification share when something is submitted: find the method, and follow all answers but the proof.

import { ApiError } from '../base/api-error.ts';
import type { Message } from '../base/message.ts';
import { badRequest, flowReplaced } from '../base/refusals.ts';
import { isJsonObject } from '../lib/json.ts';
import { tokenDigest } from '../lib/secret.ts';
import { withQuery } from '../lib/url.ts';
import type { FlowDeps } from './deps.ts';
import { dispatch } from './dispatch.ts';
import type { Flow } from './flow.ts';
import { followStep, type Step } from './follow.ts';
import type { ProofHandler } from './method.ts';
import type { Proven, Restart } from './outcome.ts';
import { newProofFlow, type ProofKind, proofMethod } from './proof-start.ts';
import type { FlowRequest } from './request.ts';
import type { FlowResult } from './result.ts';
import { schemaOf } from './start.ts';

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
  const { method } = proofMethod(deps, kind);
  const found = dispatch<ProofHandler>({
    flow,
    request,
    methods: [method],
    absentMethods: [],
    schema: schemaOf(deps, flow),
    isEnabled: (candidate) => candidate.isEnabled,
    handlerOf: (candidate) => candidate.handlers[kind],
    nobody: of.nobody,
  });
  const step: Step = { flow, request, method: '', order: (nodes) => nodes };
  if (found.kind === 'rejected') {
    const isNobody = found.problems[0]?.message.id === of.nobody.id;
    return followStep(deps, isNobody ? { ...found, patch: { active: 'default' } } : found, step);
  }
  const payload = found.payload['transient_payload'];
  const current: Flow = isJsonObject(payload) ? { ...flow, transientPayload: payload } : flow;
  const outcome = await found.handler.submit({ flow: current, payload: found.payload, request });
  const next = { ...step, flow: current, method: method.name };
  switch (outcome.kind) {
    case 'proven':
      return of.complete(outcome, { flow: current, method: method.name });
    case 'restart':
      return startOver(deps, kind, { outcome, old: current, request });
    default:
      return followStep(deps, outcome, next);
  }
}

/** A new flow of the same type with the reason above it. Its anti-CSRF token is a new one: the old form is worth nothing. */
export async function startOver(
  deps: FlowDeps,
  kind: ProofKind,
  of: {
    readonly outcome: Pick<Restart, 'message' | 'isFollowedLink'>;
    /** A refusal with an id of its own, told to apps beside the new flow. */
    readonly refusal?: ApiError;
    readonly old: Flow;
    readonly request: FlowRequest;
  },
): Promise<FlowResult> {
  const { old, request, outcome } = of;
  const query = new URLSearchParams();
  if (old.returnTo !== undefined) query.set('return_to', old.returnTo);
  const type = outcome.isFollowedLink ? 'browser' : old.type;
  const fresh = newProofFlow(deps, kind, type, { ...request, query });
  const flow: Flow = {
    ...fresh,
    csrfDigest: tokenDigest(request.nextCsrfToken),
    form: { ...fresh.form, messages: [outcome.message] },
  };
  await deps.database.stores.flows.insert(flow);
  const cookies = { rotatesCsrf: true };
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

function withContinueWith(refusal: ApiError, flow: Flow): ApiError {
  return new ApiError({
    id: refusal.id,
    status: refusal.status,
    message: refusal.message,
    ...(refusal.reason ? { reason: refusal.reason } : {}),
    details: { ...refusal.details, continue_with: [{ action: 'show_recovery_ui', flow: { id: flow.id } }] },
  });
}

export const flowPage = (deps: FlowDeps, flow: Flow): string =>
  withQuery(deps.settings.uiUrl[flow.kind], { flow: flow.id });
