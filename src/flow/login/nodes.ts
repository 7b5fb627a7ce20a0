// The nodes of a login form at one moment, collected from all methods that are on.
import { applyEdits, csrfNode, emptyForm, type Form, type NodeEdit } from '../../form/node.ts';
import { identifierLabel } from '../../form/trait-nodes.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { FlowDeps } from '../deps.ts';
import { orderNodes } from '../engine/form-order.ts';
import type { Order } from '../engine/patch.ts';
import { schemaOf } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import type { LoginMoment } from '../method/contract.ts';

export interface Offers {
  readonly edits: readonly NodeEdit[];
  /** True where at least one method shows something of its own to go on with. */
  readonly isUsable: boolean;
}

export async function loginOffers(deps: FlowDeps, flow: Flow, moment: LoginMoment): Promise<Offers> {
  const edits: NodeEdit[] = [];
  let isUsable = false;
  for (const method of deps.methods) {
    if (!method.isEnabled || !method.handlers.login) continue;
    const own = await method.handlers.login.nodes(moment, flow);
    isUsable ||= own.some((edit) => edit.op !== 'remove' && edit.node.group === method.name);
    edits.push(...own);
  }
  return { edits, isUsable };
}

export function loginOrder(deps: FlowDeps, flow: Flow): Order {
  return (nodes) => orderNodes(nodes, 'login', { methods: deps.methods, schema: schemaOf(deps, flow) });
}

/** The form with which a login starts. A native app's form without any offer stays empty. */
export async function loginForm(
  deps: FlowDeps,
  flow: Flow,
  identity: FullIdentity | undefined,
): Promise<Form> {
  const { edits } = await loginOffers(deps, flow, startingMoment(deps, flow, identity));
  const base = flow.type === 'browser' || edits.length > 0 ? [csrfNode] : [];
  return { ...emptyForm, nodes: loginOrder(deps, flow)(applyEdits(base, edits)) };
}

/** The moment at which a login starts. */
export function startingMoment(deps: FlowDeps, flow: Flow, identity: FullIdentity | undefined): LoginMoment {
  const label = identifierLabel(schemaOf(deps, flow).json);
  if (flow.requestedAal === 'aal2' && identity) {
    return { kind: 'second-factor', identity, isRefresh: flow.refresh };
  }
  if (flow.refresh && identity) return { kind: 'first-factor-refresh', identity, identifierLabel: label };
  if (deps.settings.loginStyle === 'identifier_first') return { kind: 'identifier', identifierLabel: label };
  return { kind: 'first-factor', identifierLabel: label };
}
