// What follows every answer of a method that is not the end of its flow: show again, go on, leave, hand over.

import type { EventKind } from '../../event/event.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { withQuery } from '../../lib/url.ts';
import type { Message } from '../../protocol/message.ts';
import { concurrentUpdate } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { Continue, Effect, HandOver, Redirect, Rejected } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import type { Stores } from '../store.ts';
import { securityEvent } from './events.ts';
import { leave } from './leave.ts';
import { patchFlow, rejectFlow } from './patch.ts';
import { planFor } from './plan.ts';
import type { FormSubmission } from './submission.ts';

/** Kinds of problems that an event names; a body can hold thousands of them. */
const MAX_REASONS = 8;

export async function followStep(
  deps: FlowDeps,
  outcome: Continue | Redirect | HandOver | Rejected,
  step: FormSubmission,
): Promise<FlowResult> {
  switch (outcome.kind) {
    case 'rejected':
      return showRejected(deps, outcome, step);
    case 'continue':
      return goOn(deps, outcome, step);
    case 'redirect':
      return leave(deps, outcome, step);
    case 'handover':
      return deps.handOver(outcome, step);
    default:
      return outcome satisfies never;
  }
}

async function goOn(deps: FlowDeps, outcome: Continue, step: FormSubmission): Promise<FlowResult> {
  const patched = patchFlow(deps, step.flow, outcome.patch, step);
  const digest = tokenDigest(step.request.nextCsrfToken);
  const flow = outcome.opensTo ? { ...patched, csrfDigest: digest } : patched;
  await deps.database.transaction((stores) => saveOnce(stores, flow, outcome.effect));
  if (outcome.jsonStatus === 422 && flow.type === 'browser') {
    return { kind: 'goto', url: withQuery(deps.settings.uiUrl[flow.kind], { flow: flow.id }) };
  }
  const cookies = outcome.opensTo ? { cookies: { rotatesCsrf: true } } : {};
  return {
    kind: 'form',
    flow: outcome.isStepBack ? withoutTransientPayload(flow) : flow,
    jsonStatus: outcome.jsonStatus === 200 ? 200 : 400,
    ...(step.subject ? { subject: step.subject } : {}),
    ...cookies,
  };
}

const REFUSED: Readonly<Partial<Record<Flow['kind'], EventKind>>> = {
  login: 'login.refused',
  registration: 'registration.refused',
  settings: 'settings.refused',
  recovery: 'recovery.refused',
  verification: 'verification.refused',
};

/** Shows the form again with what the person can mend, and writes down that it was refused and why. */
export async function showRejected(
  deps: FlowDeps,
  refusal: Rejected,
  step: FormSubmission,
): Promise<FlowResult> {
  const flow = withoutTransientPayload(rejectFlow(deps, step.flow, refusal, step));
  const kind = REFUSED[flow.kind];
  const [change] = refusal.changes ?? [];
  const plan =
    change && planFor(deps, step, { identityId: change.identityId, optional: refusal.changes, guard: {} });
  await deps.database.transaction(async (stores) => {
    // When another submission was faster its form stays; this answer is shown all the same.
    await stores.flows.save(flow, { isRefused: true });
    if (plan) await stores.identities.apply(plan);
    if (!kind) return;
    const ids = new Set(refusal.problems.map((problem) => problem.message.id));
    const reason = [...ids].slice(0, MAX_REASONS).join(',');
    await stores.events.append(securityEvent(deps, step, { kind, reason }));
  });
  return {
    kind: 'form',
    flow,
    jsonStatus: 400,
    isRejected: true,
    ...(step.subject ? { subject: step.subject } : {}),
  };
}

/** Saves the flow for exactly one of several submissions that were made at the same moment. */
export async function saveOnce(stores: Stores, flow: Flow, effect?: Effect): Promise<void> {
  const isFirst = (await stores.flows.save(flow)) && (effect === undefined || (await effect(stores)));
  if (!isFirst) throw concurrentUpdate();
}

/** What the client gave for hooks is shown where the submission was taken, and nowhere else. */
export function withoutTransientPayload({ transientPayload: _given, ...flow }: Flow): Flow {
  return flow;
}

export function asRejected(message: Message): Rejected {
  return { kind: 'rejected', problems: [{ message }] };
}
