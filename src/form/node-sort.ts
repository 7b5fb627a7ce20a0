// In which order do the nodes of a form stand? By group, then by the order of names, as clients of the protocol expect.
import { type Node, nodeId } from './node.ts';

export interface SortOptions {
  /** First to last; groups that are not listed come before all. */
  readonly groups: readonly string[];
  /** Starts of names, first to last; names that match none come behind those that do. */
  readonly keys: readonly string[];
  /** Groups whose nodes stand among each other, as a password does behind the first trait. */
  readonly interleaved?: readonly string[];
  /** Groups in which equal names keep the order in which they were added. */
  readonly stableGroups?: readonly string[];
}

/** The nodes in order (docs/protocol/methods.md 1.5). `method` buttons are the last of their group. */
export function sortNodes(nodes: readonly Node[], options: SortOptions): readonly Node[] {
  const rank = (node: Node): number => options.groups.indexOf(node.group);
  const byGroup = [...nodes].sort((a, b) => rank(a) - rank(b));
  const facts = new Map(byGroup.map((node) => [node, factsOf(node, options.keys)]));
  const isBefore = (a: Node, b: Node): boolean => {
    if (!areComparable(a, b, options)) return false;
    const [left, right] = [facts.get(a), facts.get(b)];
    if (!left || !right) return false;
    if (left.position !== right.position) return left.position < right.position;
    return !options.stableGroups?.includes(a.group) && left.value < right.value;
  };
  return stableSort(byGroup, isBefore);
}

function areComparable(a: Node, b: Node, { interleaved = [] }: SortOptions): boolean {
  return a.group === b.group || (interleaved.includes(a.group) && interleaved.includes(b.group));
}

function factsOf(node: Node, keys: readonly string[]): { readonly position: number; readonly value: string } {
  const id = nodeId(node);
  const found = keys.findIndex((key) => id.startsWith(key));
  const position = id === 'method' ? keys.length + 1 : found < 0 ? keys.length : found;
  return { position, value: printedValue(node) };
}

/** Nodes without a value print as `<nil>`, which puts them behind empty values and before JSON: clients rely on it. */
function printedValue({ attributes }: Node): string {
  switch (attributes.node_type) {
    case 'input':
      if (attributes.value === undefined || attributes.value === null) return '<nil>';
      return typeof attributes.value === 'object'
        ? JSON.stringify(attributes.value)
        : String(attributes.value);
    case 'text':
      return attributes.text.text;
    case 'a':
      return attributes.href;
    case 'div':
      return '<nil>';
    case 'img':
    case 'script':
      return attributes.src;
    default:
      return attributes satisfies never;
  }
}

const BLOCK = 20;
type Before = (a: Node, b: Node) => boolean;

/**
 * Sorts blocks by insertion and joins them by rotation (Kim and Kutzner, "Stable minimum storage merging by symmetric
 * comparisons", 2004). Nodes of different groups do not compare, so the order is not transitive and its result depends on
 * which pairs are looked at: the protocol's order is the one of this algorithm.
 */
function stableSort(nodes: readonly Node[], isBefore: Before): readonly Node[] {
  const list = [...nodes];
  const less = (i: number, j: number): boolean => {
    const [a, b] = [list[i], list[j]];
    return a !== undefined && b !== undefined && isBefore(a, b);
  };
  const swap = (i: number, j: number): void => {
    const [a, b] = [list[i], list[j]];
    if (a === undefined || b === undefined) return;
    list[i] = b;
    list[j] = a;
  };
  const rotate = (from: number, middle: number, to: number): void => {
    list.splice(from, to - from, ...list.slice(middle, to), ...list.slice(from, middle));
  };
  const insert = (from: number, to: number): void => {
    for (let i = from + 1; i < to; i += 1) {
      for (let j = i; j > from && less(j, j - 1); j -= 1) swap(j, j - 1);
    }
  };

  function merge(from: number, middle: number, to: number): void {
    if (middle - from === 1) {
      sinkFirst(from, middle, to);
      return;
    }
    if (to - middle === 1) {
      raiseLast(from, middle);
      return;
    }
    const half = Math.floor((from + to) / 2);
    const sum = half + middle;
    let start = middle > half ? sum - to : from;
    let end = Math.min(middle, half);
    while (start < end) {
      const probe = Math.floor((start + end) / 2);
      if (less(sum - 1 - probe, probe)) end = probe;
      else start = probe + 1;
    }
    const stop = sum - start;
    if (start < middle && middle < stop) rotate(start, middle, stop);
    if (from < start && start < half) merge(from, start, half);
    if (half < stop && stop < to) merge(half, stop, to);
  }

  /** One node before a sorted run: behind those that come before it. */
  function sinkFirst(from: number, middle: number, to: number): void {
    let [low, high] = [middle, to];
    while (low < high) {
      const probe = Math.floor((low + high) / 2);
      if (less(probe, from)) low = probe + 1;
      else high = probe;
    }
    for (let at = from; at < low - 1; at += 1) swap(at, at + 1);
  }

  /** One node behind a sorted run: before those that come behind it. */
  function raiseLast(from: number, middle: number): void {
    let [low, high] = [from, middle];
    while (low < high) {
      const probe = Math.floor((low + high) / 2);
      if (less(middle, probe)) high = probe;
      else low = probe + 1;
    }
    for (let at = middle; at > low; at -= 1) swap(at, at - 1);
  }

  for (let from = 0; from < list.length; from += BLOCK) insert(from, Math.min(from + BLOCK, list.length));
  for (let size = BLOCK; size < list.length; size *= 2) {
    for (let from = 0; from + size < list.length; from += 2 * size) {
      merge(from, from + size, Math.min(from + 2 * size, list.length));
    }
  }
  return list;
}
