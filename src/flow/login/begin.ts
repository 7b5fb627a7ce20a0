// A step that a login takes without being asked, where its person has nothing to choose (docs/protocol/methods.md 6.4).
import type { FlowDeps } from '../deps.ts';
import { patchFlow } from '../engine/patch.ts';
import type { Flow } from '../flow.ts';
import type { BeginningMoment } from '../method/contract.ts';
import { countFactors } from '../method/factors.ts';
import type { Continue, Effect } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';
import { loginOrder } from './nodes.ts';

export interface BegunLogin {
  readonly step: Continue;
  /** The flow after the step, not stored yet. */
  readonly flow: Flow;
  readonly effect: Effect | undefined;
}

/** The first step that one of the methods takes by itself at this moment; undefined where the form has to be shown. */
export async function beginLogin(
  deps: FlowDeps,
  of: { readonly flow: Flow; readonly request: FlowRequest; readonly moment: BeginningMoment },
): Promise<BegunLogin | undefined> {
  const credentials = Object.values(of.moment.identity?.credentials ?? {});
  for (const method of deps.methods) {
    const handler = method.handlers.login;
    if (!method.isEnabled || !handler?.begin || !handler.levels.includes(of.flow.requestedAal)) continue;
    const others = countFactors(
      credentials.filter(({ type }) => type !== method.name),
      deps.methods,
    );
    const step = await handler.begin({ ...of, others });
    if (!step) continue;
    const order = loginOrder(deps, of.flow);
    const flow = patchFlow(of.flow, step.patch, { method: method.name, order });
    return { step, flow, effect: step.effect };
  }
  return undefined;
}
