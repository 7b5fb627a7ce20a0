// Where on a form are problems shown, and how do they leave it again?
import type { Problem } from '../protocol/message.ts';
import { boundedProblems } from './bounded.ts';
import { type Form, input, type Node, nodeId, setValue } from './node.ts';

/**
 * Adds each message to the first node of its name, or above the form where it names none. A name without a node gets a
 * plain text field, so that the message is not lost (docs/protocol/methods.md 1.2).
 */
export function withProblems(form: Form, problems: readonly Problem[]): Form {
  const nodes = [...form.nodes];
  const places = new Map<string, number>();
  for (const [index, node] of nodes.entries()) if (!places.has(nodeId(node))) places.set(nodeId(node), index);
  const messages = [...form.messages];
  for (const { message, at } of boundedProblems(problems)) {
    if (at === undefined || at.trim() === '') {
      messages.push(message);
      continue;
    }
    const index = places.get(at) ?? nodes.length;
    const node = nodes[index] ?? input('default', { name: at, type: 'text' });
    places.set(at, index);
    nodes[index] = { ...node, messages: [...node.messages, message] };
  }
  return { ...form, nodes, messages };
}

/** Takes away all messages, those above the form and those at nodes. */
export function resetMessages(form: Form): Form {
  return { ...form, messages: [], nodes: form.nodes.map(withoutMessages) };
}

/** Takes away all messages, and the values of inputs except of those named. */
export function resetValues(form: Form, except: readonly string[] = []): Form {
  const names = new Set(form.nodes.filter((node) => node.attributes.node_type === 'input').map(nodeId));
  let { nodes } = resetMessages(form);
  for (const name of names) if (!except.includes(name)) nodes = setValue(nodes, name, undefined);
  return { ...form, messages: [], nodes };
}

const withoutMessages = (node: Node): Node => (node.messages.length === 0 ? node : { ...node, messages: [] });
