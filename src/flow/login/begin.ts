// A step that a login takes without being asked, where its person has nothing to choose (docs/protocol/methods.md 6.4).

import type { FactorCount } from '../../identity/factor-count.ts';
import type { FlowDeps } from '../deps.ts';
import { patchFlow } from '../engine/patch.ts';
import type { Flow } from '../flow.ts';
import { countFactors } from '../method/factors.ts';
import type { Continue, Effect } from '../method/outcome.ts';
import type { KnownPersonStage } from '../method/step.ts';
import { type LoginHere, loginAt, loginOffers, loginOrder } from './nodes.ts';

export interface BegunLogin {
  readonly step: Continue;
  /** The flow after the step, not stored yet. */
  readonly flow: Flow;
  readonly effect: Effect | undefined;
}

/** The first step that one of the methods takes by itself at this stage; undefined where the form has to be shown. */
export async function beginLogin(
  deps: FlowDeps,
  here: LoginHere,
  stage: KnownPersonStage,
): Promise<BegunLogin | undefined> {
  const { flow } = here;
  for (const method of deps.methods) {
    const handler = method.handlers.login;
    if (!method.isEnabled || !handler?.begin || !handler.levels.includes(flow.requestedAal)) continue;
    const others = await otherFactors(deps, here, { stage, method: method.name });
    const step = await handler.begin({ ...loginAt(deps, method.name, here), stage, others });
    if (!step) continue;
    const by = { method: method.name, order: loginOrder(deps, flow) };
    return { step, flow: patchFlow(deps, flow, step.patch, by), effect: step.effect };
  }
  return undefined;
}

/** What else its person could go on with. Of a concealed account nothing is looked at: whatever is offered could be theirs. */
async function otherFactors(
  deps: FlowDeps,
  here: LoginHere,
  of: { readonly stage: KnownPersonStage; readonly method: string },
): Promise<FactorCount> {
  const others = deps.methods.filter(({ name }) => name !== of.method);
  if (of.stage.kind === 'credentials' && of.stage.isConcealed) {
    const { isUsable } = await loginOffers({ ...deps, methods: others }, here, of.stage);
    return { first: isUsable ? 1 : 0, second: 0 };
  }
  const credentials = Object.values(of.stage.identity?.credentials ?? {});
  return countFactors(
    credentials.filter(({ type }) => type !== of.method),
    deps.methods,
  );
}
