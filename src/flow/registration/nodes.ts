// The form of a registration: the traits of the schema, and what each method needs besides.
import { applyEdits, csrfNode, emptyForm, type Node, type NodeEdit } from '../../form/node.ts';
import { traitNodes, withTraitValues } from '../../form/trait-nodes.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { FlowDeps } from '../deps.ts';
import { atOf } from '../engine/at.ts';
import { orderNodes } from '../engine/form-order.ts';
import type { Order } from '../engine/patch.ts';
import { schemaOf } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import type { RegistrationAt } from '../method/at.ts';
import { withMemories } from '../method/memory.ts';
import type { RegistrationStage } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';

export function registrationOrder(deps: FlowDeps, flow: Flow): Order {
  return (nodes) =>
    orderNodes(nodes, 'registration', { methods: deps.methods, schema: schemaOf(deps, flow) });
}

export interface RegistrationHere {
  readonly flow: Flow;
  readonly request: FlowRequest;
}

/** The facts of a registration as one method sees them. */
export const registrationAt = (deps: FlowDeps, method: string, here: RegistrationHere): RegistrationAt =>
  atOf(deps, method, { ...here, schema: schemaOf(deps, here.flow) });

/** Complete nodes for one stage of the registration, with these traits filled in, and what methods keep with them. */
export async function registrationForm(
  deps: FlowDeps,
  here: RegistrationHere,
  of: { readonly stage: RegistrationStage; readonly traits: JsonObject },
): Promise<{ readonly nodes: readonly Node[]; readonly memories: Readonly<Record<string, JsonObject>> }> {
  const { flow } = here;
  const edits: NodeEdit[] = [];
  const memories: Record<string, JsonObject> = {};
  for (const { name, isInRegistration, handlers } of deps.methods) {
    if (!isInRegistration || !handlers.registration) continue;
    const own = await handlers.registration.offer({
      ...registrationAt(deps, name, here),
      stage: of.stage,
    });
    edits.push(...own.edits);
    if (own.memory) memories[name] = own.memory;
  }
  const fields = withTraitValues(traitNodes(schemaOf(deps, flow).json, 'default'), of.traits, {
    prefix: 'traits',
    group: 'default',
  });
  const shown = of.stage.kind === 'credentials' ? fields.map(hidden) : fields;
  return { nodes: registrationOrder(deps, flow)(applyEdits([csrfNode, ...shown], edits)), memories };
}

/** The flow with the form with which a registration starts. */
export async function withRegistrationForm(deps: FlowDeps, here: RegistrationHere): Promise<Flow> {
  const of = { stage: startingStage(deps), traits: {} };
  const { nodes, memories } = await registrationForm(deps, here, of);
  return withMemories(deps, { ...here.flow, form: { ...emptyForm, nodes } }, memories);
}

/** In the second step the traits go along unseen. */
function hidden(node: Node): Node {
  const { attributes } = node;
  return attributes.node_type === 'input' ? { ...node, attributes: { ...attributes, type: 'hidden' } } : node;
}

const startingStage = ({ settings }: FlowDeps): RegistrationStage => ({
  kind: settings.registrationStyle === 'profile_first' ? 'profile' : 'one-step',
});
