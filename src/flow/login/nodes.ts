// The form of a login at one stage, collected from all methods that are on.
import { applyEdits, csrfNode, emptyForm, type NodeEdit } from '../../form/node.ts';
import { identifierLabel } from '../../form/trait-nodes.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { FlowDeps } from '../deps.ts';
import { atOf } from '../engine/at.ts';
import { orderNodes } from '../engine/form-order.ts';
import type { Order } from '../engine/patch.ts';
import { schemaOf } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import type { LoginAt, Person } from '../method/at.ts';
import { withMemories } from '../method/memory.ts';
import type { LoginStage, Offers } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';

/** A login, and who is signed in already. */
export interface LoginHere {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly person: Person | undefined;
}

/** The facts of a login as one method sees them. */
export function loginAt(deps: FlowDeps, method: string, here: LoginHere): LoginAt {
  return {
    ...atOf(deps, method, { ...here, schema: schemaOf(deps, here.flow) }),
    person: here.person,
  };
}

export async function loginOffers(deps: FlowDeps, here: LoginHere, stage: LoginStage): Promise<Offers> {
  const edits: NodeEdit[] = [];
  const memories: Record<string, JsonObject> = {};
  let isUsable = false;
  for (const method of deps.methods) {
    const step = method.handlers.login;
    if (!method.isEnabled || !step) continue;
    const own = await step.offer({ ...loginAt(deps, method.name, here), stage });
    isUsable ||= own.edits.some((edit) => 'node' in edit && edit.node.group === method.name);
    edits.push(...own.edits);
    if (own.memory) memories[method.name] = own.memory;
  }
  return { edits, memories, isUsable };
}

export function loginOrder(deps: FlowDeps, flow: Flow): Order {
  return (nodes) => orderNodes(nodes, 'login', { methods: deps.methods, schema: schemaOf(deps, flow) });
}

/** The flow with the form of a stage. A native app's form without any offer stays empty. */
export async function withLoginForm(deps: FlowDeps, here: LoginHere, stage: LoginStage): Promise<Flow> {
  const { flow } = here;
  const { edits, memories } = await loginOffers(deps, here, stage);
  const base = flow.type === 'browser' || edits.length > 0 ? [csrfNode] : [];
  const nodes = loginOrder(deps, flow)(applyEdits(base, edits));
  return withMemories(deps, { ...flow, form: { ...emptyForm, nodes } }, memories);
}

/** The stage at which a login starts. */
export function startingStage(
  deps: FlowDeps,
  flow: Flow,
  of: { readonly identity: FullIdentity | undefined; readonly isUnified?: boolean | undefined },
): LoginStage {
  const { identity } = of;
  const label = identifierLabel(schemaOf(deps, flow).json);
  if (flow.requestedAal === 'aal2' && identity) {
    return { kind: 'second-factor', identity, isRefresh: flow.refresh };
  }
  if (flow.refresh && identity) return { kind: 'first-factor-refresh', identity, identifierLabel: label };
  const isIdentifierFirst = deps.settings.loginStyle === 'identifier_first' && !of.isUnified;
  return { kind: isIdentifierFirst ? 'identifier' : 'first-factor', identifierLabel: label };
}
