// The nodes of a registration form: the traits of the schema, and what each method needs besides.
import { applyEdits, csrfNode, emptyForm, type Form, type NodeEdit } from '../../form/node.ts';
import { traitNodes, withTraitValues } from '../../form/trait-nodes.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { FlowDeps } from '../deps.ts';
import { orderNodes } from '../engine/form-order.ts';
import type { Order } from '../engine/patch.ts';
import { schemaOf } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import type { RegistrationMoment } from '../method/contract.ts';

export function registrationOrder(deps: FlowDeps, flow: Flow): Order {
  return (nodes) =>
    orderNodes(nodes, 'registration', { methods: deps.methods, schema: schemaOf(deps, flow) });
}

/** A complete form for one moment of the registration, with these traits filled in. */
export async function registrationForm(
  deps: FlowDeps,
  flow: Flow,
  of: { readonly moment: RegistrationMoment; readonly traits: JsonObject },
): Promise<Form> {
  const schema = schemaOf(deps, flow);
  const edits: NodeEdit[] = [];
  for (const method of deps.methods) {
    if (!method.isInRegistration || !method.handlers.registration) continue;
    edits.push(...(await method.handlers.registration.nodes(of.moment, flow)));
  }
  const fields = withTraitValues(traitNodes(schema.json, 'default'), of.traits, {
    prefix: 'traits',
    group: 'default',
  });
  const shown = of.moment.kind === 'credentials' ? fields.map(hidden) : fields;
  return { ...emptyForm, nodes: registrationOrder(deps, flow)(applyEdits([csrfNode, ...shown], edits)) };
}

/** In the second step the traits go along unseen. */
function hidden(node: Form['nodes'][number]): Form['nodes'][number] {
  const { attributes } = node;
  return attributes.node_type === 'input' ? { ...node, attributes: { ...attributes, type: 'hidden' } } : node;
}

export function startingMoment(deps: FlowDeps): RegistrationMoment {
  return { kind: deps.settings.registrationStyle === 'profile_first' ? 'profile' : 'one-step' };
}
