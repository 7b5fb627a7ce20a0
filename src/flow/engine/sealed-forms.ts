// Forms at rest: what they show and nobody has to send back, such as the key of a new device or backup codes, is sealed.
import type { Node, NodeAttributes } from '../../form/node.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { Flow } from '../flow.ts';
import type { Database, FlowStore } from '../store.ts';

/** The database as flows see it: texts and pictures of forms go into it sealed and come out open. */
export function withSealedForms(database: Database, sealer: Sealer): Database {
  const flows = <Some extends Partial<FlowStore>>(store: Some): Some => ({
    ...store,
    ...sealing(store, sealer),
  });
  const { stores } = database;
  return {
    ...database,
    stores: { ...stores, flows: flows(stores.flows) },
    transaction: (work) => database.transaction((inside) => work({ ...inside, flows: flows(inside.flows) })),
  };
}

function sealing(store: Partial<FlowStore>, sealer: Sealer): Partial<FlowStore> {
  const { insert, save, find, findConsumed, findOfIdentity } = store;
  const opened = (flow: Flow | undefined): Flow | undefined =>
    flow && withNodes(flow, (node) => open(node, sealer));
  const sealed = (flow: Flow): Flow => withNodes(flow, (node) => [seal(node, sealer)]);
  return {
    ...(insert ? { insert: (flow) => insert(sealed(flow)) } : {}),
    ...(save ? { save: (flow, of) => save(sealed(flow), of) } : {}),
    ...(find ? { find: async (kind, id) => opened(await find(kind, id)) } : {}),
    ...(findConsumed ? { findConsumed: async (kind, id) => opened(await findConsumed(kind, id)) } : {}),
    ...(findOfIdentity
      ? {
          findOfIdentity: async (kind, id) =>
            (await findOfIdentity(kind, id)).map((flow) => withNodes(flow, (node) => open(node, sealer))),
        }
      : {}),
  };
}

/** The same flow where no node is different. */
function withNodes(flow: Flow, each: (node: Node) => readonly Node[]): Flow {
  const { nodes } = flow.form;
  const changed = nodes.flatMap(each);
  const isSame = changed.length === nodes.length && changed.every((node, at) => node === nodes[at]);
  return isSame ? flow : { ...flow, form: { ...flow.form, nodes: changed } };
}

function seal(node: Node, sealer: Sealer): Node {
  const { attributes } = node;
  if (attributes.node_type !== 'text' && attributes.node_type !== 'img') return node;
  const stub = { node_type: 'div', id: attributes.id } as const;
  return { ...node, attributes: stub, sealed: sealer.seal(JSON.stringify(attributes)) };
}

/** What was sealed with a secret that is gone is not shown any more. */
function open(node: Node, sealer: Sealer): readonly Node[] {
  const { sealed, ...rest } = node;
  if (sealed === undefined) return [node];
  const text = sealer.open(sealed);
  // The cast gives back the type of what `seal` wrote.
  return text === undefined ? [] : [{ ...rest, attributes: JSON.parse(text) as NodeAttributes }];
}
