// A redirect to another place: what the flow keeps, and the state that comes back by the method's callback.
import { tokenDigest } from '../../lib/secret.ts';
import { invariant } from '../../protocol/api-error.ts';
import { concurrentUpdate } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { Redirect } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import { type DepartingKind, depart } from './departure.ts';
import { patchFlow } from './patch.ts';
import type { FormSubmission } from './submission.ts';

/** Tries to write a flow that others write at the same moment, as a second click does. */
const TRIES = 3;

export async function leave(deps: FlowDeps, outcome: Redirect, step: FormSubmission): Promise<FlowResult> {
  const { patch, to } = outcome;
  const patched = (flow: Flow): Flow => (patch ? patchFlow(deps, flow, patch, step) : flow);
  const isNative = step.flow.type === 'api';
  if (typeof to === 'string') {
    if (step.flow.trial) return leaveTrial(deps, { to, step, patched });
    if (patch) await saveNewest(deps, step.flow, patched);
    return { kind: 'goto', url: to, isNative };
  }
  let left: ReturnType<typeof depart> | undefined;
  await saveNewest(deps, step.flow, (flow) => {
    left = depart(deps, departing(patched(flow)), step.method);
    return left.flow;
  });
  invariant(left, 'a flow that was saved has departed');
  return {
    kind: 'goto',
    url: await to(left.state),
    isNative,
    // Native apps come back through another browser: the codes that they exchange bind them.
    ...(isNative ? {} : { cookies: { continuity: { departed: left.nonce } } }),
  };
}

/** What a trial brought to light is shown to the browser that ran it, and to no other that learns the flow's id. */
async function leaveTrial(
  deps: FlowDeps,
  of: { readonly to: string; readonly step: FormSubmission; readonly patched: (flow: Flow) => Flow },
): Promise<FlowResult> {
  const csrfDigest = tokenDigest(of.step.request.nextCsrfToken);
  await saveNewest(deps, of.step.flow, (flow) => ({ ...of.patched(flow), csrfDigest }));
  return { kind: 'goto', url: of.to, cookies: { rotatesCsrf: true } };
}

function departing(flow: Flow): Flow & { readonly kind: DepartingKind } {
  const { kind } = flow;
  invariant(kind !== 'recovery' && kind !== 'verification', `a ${kind} flow leads to no other place`);
  return { ...flow, kind };
}

/** Of several who leave at the same moment the last one counts: a second click must not end in an error. */
async function saveNewest(deps: FlowDeps, first: Flow, change: (flow: Flow) => Flow): Promise<void> {
  let current: Flow | undefined = first;
  for (let tries = 0; current && tries < TRIES; tries += 1) {
    const next = change(current);
    if (await deps.database.transaction((stores) => stores.flows.save(next))) return;
    const stored: Flow | undefined = await deps.database.stores.flows.find(first.kind, first.id);
    current = stored && {
      ...stored,
      ...(first.transientPayload ? { transientPayload: first.transientPayload } : {}),
    };
  }
  throw concurrentUpdate();
}
