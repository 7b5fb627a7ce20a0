// In which order do nodes stand? From the ranks that methods declare and the schema's own order of traits.
import type { Node } from '../../form/node.ts';
import { sortNodes } from '../../form/node-sort.ts';
import { schemaKeys } from '../../form/trait-nodes.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { FlowKind } from '../flow.ts';
import type { BoundMethod } from '../method/bound-method.ts';

/** Rank of the group `default` among the ranks that methods declare (docs/protocol/methods.md 1.5). */
const DEFAULT_RANK: Readonly<Record<FlowKind, number>> = {
  login: 20,
  registration: 20,
  settings: 0,
  recovery: 0,
  verification: 0,
};

/** Recovery and verification keep the order in which their method made the nodes. */
export function orderNodes(
  nodes: readonly Node[],
  kind: FlowKind,
  of: { readonly methods: readonly BoundMethod[]; readonly schema: IdentitySchema },
): readonly Node[] {
  if (kind === 'recovery' || kind === 'verification') return nodes;
  const ranked = of.methods
    .flatMap((method) => {
      const rank = method.ranks[kind]?.group;
      return rank === undefined ? [] : [{ group: method.name, rank }];
    })
    .concat({ group: 'default', rank: DEFAULT_RANK[kind] })
    .sort((a, b) => a.rank - b.rank);
  const among = of.methods.filter((method) => method.ranks[kind]?.isInterleaved);
  return sortNodes(nodes, {
    groups: ranked.map((entry) => entry.group),
    keys: nodeKeys(kind, of),
    interleaved: ['default', ...among.map((method) => method.name)],
  });
}

function nodeKeys(
  kind: FlowKind,
  { methods, schema }: { readonly methods: readonly BoundMethod[]; readonly schema: IdentitySchema },
): readonly string[] {
  const own = methods.flatMap((method) => {
    const ranks = method.ranks[kind];
    return ranks?.isBehindFirstTrait ? [] : (ranks?.keys ?? []);
  });
  if (kind === 'login') return ['csrf_token', 'identifier', ...own];
  const traits = schemaKeys(schema.json);
  if (kind === 'settings') return [...traits, ...own];
  const behindFirst = methods.flatMap((method) => {
    const ranks = method.ranks[kind];
    return ranks?.isBehindFirstTrait ? (ranks.keys ?? []) : [];
  });
  return ['csrf_token', ...traits.slice(0, 1), ...behindFirst, ...traits.slice(1), ...own];
}
