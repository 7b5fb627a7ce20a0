// A hook stopped the act: its problems are shown on the form, or its refusal goes out.
import type { FlowDeps } from './deps.ts';
import { followStep, type Step } from './follow.ts';
import type { HookStop } from './hook.ts';
import type { Rejected } from './outcome.ts';
import type { FlowResult } from './result.ts';

/** `shown` says what the form keeps besides the problems. Throws the refusal of the hook after storing what it began. */
export async function stoppedByHook(
  deps: FlowDeps,
  stop: HookStop,
  of: { readonly step: Step; readonly shown?: Omit<Rejected, 'kind' | 'problems'> },
): Promise<FlowResult> {
  if (stop.kind === 'veto') {
    return followStep(deps, { ...of.shown, kind: 'rejected', problems: stop.problems }, of.step);
  }
  await deps.database.transaction(async (stores) => {
    for (const effect of stop.effects) await effect(stores);
  });
  throw stop.error;
}
