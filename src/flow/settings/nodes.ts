// The nodes of a settings form: what each enabled method lets this person change.
import { append, applyEdits, csrfNode, emptyForm, type Form, type NodeEdit } from '../../form/node.ts';
import { traitNodes, withTraitValues } from '../../form/trait-nodes.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { FlowDeps } from '../deps.ts';
import { orderNodes } from '../engine/form-order.ts';
import type { Order } from '../engine/patch.ts';
import type { Flow } from '../flow.ts';

export function settingsOrder(deps: FlowDeps, identity: FullIdentity): Order {
  const schema = deps.schemas.get(identity.schemaId);
  return (nodes) => orderNodes(nodes, 'settings', { methods: deps.methods, schema });
}

function traitFields(deps: FlowDeps, identity: FullIdentity, group: string): readonly NodeEdit[] {
  const fields = traitNodes(deps.schemas.get(identity.schemaId).json, group);
  return withTraitValues(fields, identity.traits, { prefix: 'traits', group }).map(append);
}

export async function settingsForm(deps: FlowDeps, flow: Flow, identity: FullIdentity): Promise<Form> {
  const edits: NodeEdit[] = [];
  for (const method of deps.methods) {
    if (!method.isEnabled || !method.handlers.settings) continue;
    if (method.handlers.settings.showsTraits) edits.push(...traitFields(deps, identity, method.name));
    edits.push(...(await method.handlers.settings.nodes(identity, flow)));
  }
  return { ...emptyForm, nodes: settingsOrder(deps, identity)(applyEdits([csrfNode], edits)) };
}
