// What follows every answer of a method that is not the end of its flow: show again, go on, leave, hand over.

import type { EventKind } from '../../event/event.ts';
import type { Identity } from '../../identity/identity.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import * as messages from '../../protocol/messages.ts';
import { concurrentUpdate } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { Continue, Effect, HandOver, Redirect, Rejected } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import type { Stores } from '../store.ts';
import { securityEvent } from './events.ts';
import { type Order, patchFlow, rejectFlow } from './patch.ts';
import { planFor } from './plan.ts';
import type { Submission } from './submission.ts';

/** Kinds of problems that an event names; a body can hold thousands of them. */
const MAX_REASONS = 8;

/** A submission whose method may be empty: none was found. */
export interface Step extends Submission {
  readonly order: Order;
  /** The person of a settings flow, shown with it. */
  readonly subject?: Identity;
  /** Starts a flow of another kind for a hand-over. */
  readonly startOther?: (handOver: HandOver) => Promise<Flow>;
}

export async function followStep(
  deps: FlowDeps,
  outcome: Continue | Redirect | HandOver | Rejected,
  step: Step,
): Promise<FlowResult> {
  const shown = step.subject ? { subject: step.subject } : {};
  switch (outcome.kind) {
    case 'rejected':
      return showRejected(deps, outcome, step);
    case 'continue': {
      const patched = patchFlow(step.flow, outcome.patch, step);
      const digest = tokenDigest(step.request.nextCsrfToken);
      const flow = outcome.opensTo ? { ...patched, csrfDigest: digest } : patched;
      await deps.database.transaction((stores) => saveOnce(stores, flow, outcome.effect));
      const cookies = outcome.opensTo ? { cookies: { rotatesCsrf: true } } : {};
      const carried = outcome.isStepBack ? withoutTransientPayload(flow) : flow;
      return { kind: 'form', flow: carried, jsonStatus: outcome.jsonStatus, ...shown, ...cookies };
    }
    case 'redirect': {
      const { patch } = outcome;
      if (patch)
        await deps.database.transaction((stores) => saveOnce(stores, patchFlow(step.flow, patch, step)));
      return { kind: 'goto', url: outcome.to };
    }
    case 'handover': {
      const other = await step.startOther?.(outcome);
      if (!other) throw new Error(`a ${step.flow.kind} flow cannot hand over to ${outcome.to}`);
      const flow = patchFlow(other, outcome.patch, step);
      await deps.database.transaction(async (stores) => {
        if (!(await stores.flows.consume(step.flow.id))) throw concurrentUpdate();
        await stores.flows.insert(flow);
      });
      return { kind: 'form', flow, jsonStatus: 400 };
    }
    default:
      return outcome satisfies never;
  }
}

const REFUSED: Readonly<Partial<Record<Flow['kind'], EventKind>>> = {
  login: 'login.refused',
  registration: 'registration.refused',
  settings: 'settings.refused',
  recovery: 'recovery.refused',
  verification: 'verification.refused',
};

/** Shows the form again with what the person can mend, and writes down that it was refused and why. */
export async function showRejected(deps: FlowDeps, refusal: Rejected, step: Step): Promise<FlowResult> {
  const flow = withoutTransientPayload(rejectFlow(step.flow, refusal, step));
  const kind = REFUSED[flow.kind];
  await deps.database.transaction(async (stores) => {
    // When another submission was faster its form stays; this answer is shown all the same.
    await stores.flows.save(flow, { isRefused: true });
    const [first] = refusal.changes ?? [];
    if (first) {
      const { identityId } = first;
      const plan = planFor(deps, step, { identityId, optional: refusal.changes, guard: {} });
      await stores.identities.apply(plan);
    }
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

/** A refusal with status 400 is something to show on the form (docs/protocol/http.md 1.1); everything else goes its own way. */
export function badRequestAsProblem(reason: string): Rejected {
  return asRejected(messages.generic(reason));
}
