// The form of settings: what each enabled method lets this person change.
import { append, applyEdits, csrfNode, emptyForm, type NodeEdit } from '../../form/node.ts';
import { traitNodes, withTraitValues } from '../../form/trait-nodes.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import { atOf } from '../engine/at.ts';
import { orderNodes } from '../engine/form-order.ts';
import type { Order } from '../engine/patch.ts';
import type { Flow } from '../flow.ts';
import type { SettingsAt } from '../method/at.ts';
import { countFactors } from '../method/factors.ts';
import { withMemories } from '../method/memory.ts';
import type { FlowRequest } from '../request.ts';

/** Whose settings they are; for a form after a change, the person as the change leaves them. */
export interface SettingsOwner<Identity extends FullIdentity = FullIdentity> {
  readonly identity: Identity;
  readonly session: Session;
}

export function settingsOrder(deps: FlowDeps, identity: FullIdentity): Order {
  const schema = deps.schemas.get(identity.schemaId);
  return (nodes) => orderNodes(nodes, 'settings', { methods: deps.methods, schema });
}

/** The facts of settings as one method sees them. */
export function settingsAt<Identity extends FullIdentity>(
  deps: FlowDeps,
  method: string,
  here: { readonly flow: Flow; readonly request: FlowRequest; readonly owner: SettingsOwner<Identity> },
): SettingsAt & SettingsOwner<Identity> {
  const { identity, session } = here.owner;
  return {
    ...atOf(deps, method, { ...here, schema: deps.schemas.get(identity.schemaId) }),
    identity,
    session,
    factors: countFactors(Object.values(identity.credentials), deps.methods),
  };
}

function traitFields(deps: FlowDeps, identity: FullIdentity, group: string): readonly NodeEdit[] {
  const fields = traitNodes(deps.schemas.get(identity.schemaId).json, group);
  return withTraitValues(fields, identity.traits, { prefix: 'traits', group }).map(append);
}

/** The flow with the form for its owner. */
export async function withSettingsForm(
  deps: FlowDeps,
  here: { readonly flow: Flow; readonly request: FlowRequest; readonly owner: SettingsOwner },
): Promise<Flow> {
  const { flow, owner } = here;
  const edits: NodeEdit[] = [];
  const memories: Record<string, JsonObject> = {};
  for (const { name, isEnabled, handlers } of deps.methods) {
    if (!isEnabled || !handlers.settings) continue;
    if (handlers.settings.showsTraits) edits.push(...traitFields(deps, owner.identity, name));
    const own = await handlers.settings.offer(settingsAt(deps, name, here));
    edits.push(...own.edits);
    if (own.memory) memories[name] = own.memory;
  }
  const nodes = settingsOrder(deps, owner.identity)(applyEdits([csrfNode], edits));
  return withMemories(deps, { ...flow, form: { ...emptyForm, nodes } }, memories);
}
