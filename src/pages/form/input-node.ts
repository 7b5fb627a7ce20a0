// What kind of thing is a node on a page, what is it called there, and by which id do others refer to it?
import { type InputAttributes, type Node, nodeId } from '../../form/node.ts';
import { nameSegments } from '../../schema/paths.ts';

export interface InputNode extends Node {
  readonly attributes: InputAttributes;
}

export function isInput(node: Node): node is InputNode {
  return node.attributes.node_type === 'input';
}

export function isButton(node: Node): node is InputNode {
  return isInput(node) && (node.attributes.type === 'submit' || node.attributes.type === 'button');
}

/** Takes part in a form without being seen. */
export function isUnseen(node: Node): boolean {
  return node.type === 'script' || (isInput(node) && node.attributes.type === 'hidden');
}

/** A control that a person fills in. */
export function isField(node: Node): node is InputNode {
  return isInput(node) && !isButton(node) && !isUnseen(node);
}

/** Unique on the page: groups of settings may use the same name. Without spaces, which would end an IDREF. */
export function domId(node: Node): string {
  return `${node.group}-${encodeURIComponent(nodeId(node)).replaceAll('%', '_')}`;
}

/** The node's own label, or its name made readable: `traits.home_town` -> "Home town". */
export function labelOf(node: Node): string {
  const own = node.meta.label?.text;
  if (own) return own;
  const last = nameSegments(nodeId(node)).findLast((segment) => !/^\d+$/.test(segment)) ?? '';
  const words = last.replaceAll(/[_-]+/g, ' ').replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  const text = words.trim().toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const isTrait = (node: Node): boolean => nodeId(node).startsWith('traits.');

export function errorsOf(node: Node): readonly string[] {
  return node.messages.filter((message) => message.type === 'error').map((message) => message.text);
}

/** An entry of a list has the list's name and an index: `traits.tags.0`. */
export function listName(node: Node): string | undefined {
  return /^(.+)\.\d{1,4}$/.exec(nodeId(node))?.[1];
}
