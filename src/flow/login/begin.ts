// A step that a login takes without being asked, where its person has nothing to choose (docs/protocol/methods.md 6.4).
import type { FlowDeps } from '../deps.ts';
import { patchFlow } from '../engine/patch.ts';
import type { Flow } from '../flow.ts';
import { countFactors } from '../method/factors.ts';
import type { Continue, Effect } from '../method/outcome.ts';
import type { KnownPersonStage } from '../method/step.ts';
import { type LoginHere, loginAt, loginOrder } from './nodes.ts';

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
  const credentials = Object.values(stage.identity?.credentials ?? {});
  for (const method of deps.methods) {
    const handler = method.handlers.login;
    if (!method.isEnabled || !handler?.begin || !handler.levels.includes(flow.requestedAal)) continue;
    const others = countFactors(
      credentials.filter(({ type }) => type !== method.name),
      deps.methods,
    );
    const step = await handler.begin({ ...loginAt(deps, method.name, here), stage, others });
    if (!step) continue;
    const by = { method: method.name, order: loginOrder(deps, flow) };
    return { step, flow: patchFlow(deps, flow, step.patch, by), effect: step.effect };
  }
  return undefined;
}
