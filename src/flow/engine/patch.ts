// Applies what a method answered to the stored flow: patches, and problems put on their nodes.

import { boundedEcho } from '../../form/bounded.ts';
import { applyEdits, type Form, type Node, nodeId, setValue } from '../../form/node.ts';
import { resetMessages, withProblems } from '../../form/problems.ts';
import { flattenTraits, withValues } from '../../form/trait-nodes.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Flow } from '../flow.ts';
import { type MemoryDeps, withMemories } from '../method/memory.ts';
import type { FlowPatch, Rejected } from '../method/outcome.ts';

/** How the nodes of this flow are ordered; see form-order.ts. */
export type Order = (nodes: readonly Node[]) => readonly Node[];

/** The flow after a method's patch. Messages of the last submission go; those of this one come. */
export function patchFlow(
  deps: MemoryDeps,
  flow: Flow,
  patch: FlowPatch,
  by: { readonly method: string; readonly order: Order },
): Flow {
  const form = resetMessages(flow.form);
  const edited = applyEdits(patch.nodes ?? form.nodes, patch.edits ?? []);
  return {
    ...withMemories(deps, flow, {
      ...patch.memories,
      ...(patch.memory ? { [by.method]: patch.memory } : {}),
    }),
    ...(patch.state === undefined ? {} : { state: patch.state }),
    ...(patch.trial && flow.trial ? { trial: { ...flow.trial, shown: patch.trial } } : {}),
    ...(patch.active === undefined ? {} : { active: patch.active }),
    form: { ...form, nodes: patch.sorted ? by.order(edited) : edited, messages: patch.messages ?? [] },
  };
}

/** The flow as it is shown after a refusal that the person can mend: typed values stay, secrets go, problems stand at their nodes. */
export function rejectFlow(
  deps: MemoryDeps,
  flow: Flow,
  refusal: Rejected,
  by: { readonly method: string; readonly order: Order },
): Flow {
  const patched = refusal.patch
    ? patchFlow(deps, flow, refusal.patch, by)
    : { ...flow, form: resetMessages(flow.form) };
  let nodes = withoutSecrets(patched.form).nodes;
  const echo = boundedEcho(refusal.echo ?? {});
  // A body may hold thousands of names; a form has some.
  const echoed = new Set(
    nodes
      .filter(isEchoed)
      .map(nodeId)
      .filter((name) => Object.hasOwn(echo, name)),
  );
  for (const name of echoed) {
    if (echo[name] !== undefined) nodes = setValue(nodes, name, echo[name]);
  }
  if (refusal.traits) nodes = withSubmittedTraits(nodes, refusal.traits, by.method);
  const form = withProblems({ ...patched.form, nodes }, refusal.problems);
  return { ...patched, form: { ...form, nodes: by.order(form.nodes) } };
}

/** A password that was typed must never come back in a page or be stored with the flow. */
function withoutSecrets(form: Form): Form {
  const secret = form.nodes.filter(
    (node) => node.attributes.node_type === 'input' && node.attributes.type === 'password',
  );
  return {
    ...form,
    nodes: secret.reduce<readonly Node[]>(
      (nodes, node) =>
        node.attributes.node_type === 'input' ? setValue(nodes, node.attributes.name, undefined) : nodes,
      form.nodes,
    ),
  };
}

function withSubmittedTraits(nodes: readonly Node[], traits: JsonObject, group: string): readonly Node[] {
  const names = nodes.flatMap(({ attributes }) =>
    attributes.node_type === 'input' && attributes.name.startsWith('traits.') ? [attributes.name] : [],
  );
  const emptied = names.reduce((all, name) => setValue(all, name, undefined), nodes);
  return withValues(emptied, boundedEcho(flattenTraits(traits, 'traits')), group);
}

function isEchoed({ attributes }: Node): boolean {
  return (
    attributes.node_type === 'input' &&
    attributes.type !== 'password' &&
    attributes.type !== 'submit' &&
    attributes.name !== 'csrf_token'
  );
}
