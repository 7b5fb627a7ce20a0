// A hook stopped the act: its problems are shown on the form, or its refusal goes out.
import type { ApiError } from '../../protocol/api-error.ts';
import type { FlowDeps } from '../deps.ts';
import type { HookStop } from '../hook/run.ts';
import type { Rejected } from '../method/outcome.ts';
import type { FlowResult } from '../result.ts';
import { followStep, saveOnce, withoutTransientPayload } from './follow.ts';
import { rejectFlow } from './patch.ts';
import type { FormSubmission } from './submission.ts';

/** `shown` says what the form keeps besides the problems. Throws the refusal of the hook after storing what it began. */
export async function stoppedByHook(
  deps: FlowDeps,
  stop: HookStop,
  of: { readonly step: FormSubmission; readonly shown?: Omit<Rejected, 'kind' | 'problems'> },
): Promise<FlowResult> {
  if (stop.kind === 'veto') {
    return followStep(deps, { ...of.shown, kind: 'rejected', problems: stop.problems }, of.step);
  }
  if (stop.kind === 'refuse') {
    await deps.database.transaction(async (stores) => {
      for (const effect of stop.effects ?? []) await effect(stores);
    });
    throw stop.error;
  }
  return showPostponed(deps, stop, of);
}

/** The form as it was submitted, and what to do before the change is made. */
async function showPostponed(
  deps: FlowDeps,
  { effects, continueWith, goTo }: Extract<HookStop, { kind: 'postpone' }>,
  { step, shown }: { readonly step: FormSubmission; readonly shown?: Omit<Rejected, 'kind' | 'problems'> },
): Promise<FlowResult> {
  const filled = rejectFlow(deps, step.flow, { ...shown, kind: 'rejected', problems: [] }, step);
  const flow = withoutTransientPayload(filled);
  await deps.database.transaction(async (stores) => {
    await saveOnce(stores, flow);
    for (const effect of effects) await effect(stores);
  });
  return {
    kind: 'form',
    flow,
    jsonStatus: 200,
    continueWith,
    goTo,
    ...(step.subject ? { subject: step.subject } : {}),
  };
}

/** The answer to an act; where a hook refused afterwards, its refusal with the cookies of the act: what was done stays done. */
export function withHookError(
  answer: FlowResult,
  { error }: { readonly error: ApiError | undefined },
): FlowResult {
  if (!error) return answer;
  const cookies = 'cookies' in answer ? answer.cookies : undefined;
  return { kind: 'refused', error, cookies: cookies ?? {}, isShown: true };
}
