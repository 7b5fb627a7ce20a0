// A form in another language: the messages above it, and those of its nodes.
import type { Node } from '../form/node.ts';
import type { Message } from '../protocol/message.ts';
import type { Locale } from './locale.ts';

interface Form {
  readonly nodes: readonly Node[];
  readonly messages: readonly Message[];
}

export function translateForm<F extends Form>(form: F, { message }: Pick<Locale, 'message'>): F {
  return {
    ...form,
    nodes: form.nodes.map((node) => translateNode(node, message)),
    messages: form.messages.map(message),
  };
}

function translateNode(node: Node, message: Locale['message']): Node {
  const { attributes, meta, messages } = node;
  const own =
    attributes.node_type === 'text'
      ? { ...attributes, text: message(attributes.text) }
      : attributes.node_type === 'a'
        ? { ...attributes, title: message(attributes.title) }
        : attributes;
  return {
    ...node,
    attributes: own,
    messages: messages.map(message),
    ...(meta.label ? { meta: { ...meta, label: message(meta.label) } } : {}),
  };
}
