import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input, type Node } from './node.ts';
import { type SortOptions, sortNodes } from './node-sort.ts';

/** `group:name=value`; without `=` the node has no value. */
function node(text: string): Node {
  const [group = '', rest = ''] = text.split(':');
  const [name = '', value] = rest.split('=');
  return input(group, { name, type: 'text', ...(value === undefined ? {} : { value }) });
}
function text({ group, attributes }: Node): string {
  if (attributes.node_type !== 'input') return group;
  return `${group}:${attributes.name}${attributes.value === undefined ? '' : `=${String(attributes.value)}`}`;
}
const sort = (names: readonly string[], options: SortOptions): readonly string[] =>
  sortNodes(names.map(node), options).map(text);

// Groups of methods have other names here; what counts is how they are ranked.
const login: SortOptions = {
  groups: ['links', 'default', 'key', 'secret'],
  keys: ['csrf_token', 'identifier', 'word'],
};
const oneStep: SortOptions = {
  groups: ['links', 'default', 'key', 'secret'],
  keys: ['csrf_token', 'traits.email', 'word', 'traits.name', 'traits.age', 'key_name', 'key_register'],
  interleaved: ['default', 'secret'],
};

const TABLE: readonly (readonly [
  name: string,
  options: SortOptions,
  before: readonly string[],
  after: readonly string[],
])[] = [
  [
    'groups, keys, and method last',
    login,
    ['secret:method=m', 'secret:word', 'default:identifier=', 'links:provider=a', 'default:csrf_token=x'],
    ['links:provider=a', 'default:csrf_token=x', 'default:identifier=', 'secret:word', 'secret:method=m'],
  ],
  [
    'unlisted groups first',
    login,
    ['default:csrf_token', 'first:identifier', 'first:method'],
    ['first:identifier', 'first:method', 'default:csrf_token'],
  ],
  [
    'the word stands behind the first trait where no group is between',
    oneStep,
    [
      'default:csrf_token',
      'default:traits.age',
      'default:traits.email',
      'default:traits.name.first',
      'secret:word',
      'secret:method=m',
    ],
    [
      'default:csrf_token',
      'default:traits.email',
      'secret:word',
      'default:traits.name.first',
      'default:traits.age',
      'secret:method=m',
    ],
  ],
  [
    'and stays where it is behind another group',
    oneStep,
    [
      'default:csrf_token',
      'default:traits.age',
      'default:traits.email',
      'key:method=k',
      'secret:word',
      'secret:method=m',
    ],
    [
      'default:csrf_token',
      'default:traits.email',
      'default:traits.age',
      'key:method=k',
      'secret:word',
      'secret:method=m',
    ],
  ],
  [
    'equal ranks by printed value: empty, none, JSON',
    oneStep,
    ['key:x_data={}', 'key:x_none', 'key:x_button='],
    ['key:x_button=', 'key:x_none', 'key:x_data={}'],
  ],
  [
    'the same name by value',
    oneStep,
    ['links:provider=b', 'links:provider=a', 'links:provider=b'],
    ['links:provider=a', 'links:provider=b', 'links:provider=b'],
  ],
  [
    'except in stable groups',
    { ...oneStep, stableGroups: ['links'] },
    ['links:provider=b', 'links:provider=a'],
    ['links:provider=b', 'links:provider=a'],
  ],
  [
    'keys are starts of names',
    oneStep,
    ['key:key_register_button=w', 'key:key_register=', 'key:key_name='],
    ['key:key_name=', 'key:key_register=', 'key:key_register_button=w'],
  ],
  ['nothing', oneStep, [], []],
];

test('nodes are sorted by group, key and value', () => {
  for (const [name, options, before, after] of TABLE) assert.deepEqual(sort(before, options), after, name);
});

test('more than a block of nodes is sorted like fewer', () => {
  const keys = Array.from({ length: 90 }, (_, i) => `k${String(i).padStart(2, '0')}`);
  const options = { groups: ['default', 'secret'], keys, interleaved: ['default', 'secret'] };
  const names = keys.map((key, i) => `${i % 7 === 0 ? 'secret' : 'default'}:${key}`);
  const mixed = names.map((_, i) => names[(i * 37) % names.length] ?? '');
  for (const count of [19, 20, 21, 39, 40, 41, 59, 90]) {
    const some = mixed.slice(0, count);
    const expected = names.filter((name) => some.includes(name));
    assert.deepEqual(sort(some, options), expected, `${count} nodes`);
  }
});

test('sorting is stable over many blocks', () => {
  const names = Array.from({ length: 70 }, (_, i) => `default:k${i % 3}.${i}`);
  const sorted = sort(names, { groups: ['default'], keys: ['k0', 'k1', 'k2'], stableGroups: ['default'] });
  const expected = [0, 1, 2].flatMap((rest) => names.filter((_, i) => i % 3 === rest));
  assert.deepEqual(sorted, expected);
});

test('what does not compare keeps the order of its blocks', () => {
  // 20 nodes of one kind fill the first block, so the 21st meets only what binary search looks at.
  const names = [...Array.from({ length: 19 }, (_, i) => `default:b${i}`), 'key:z', 'secret:a'];
  const options = {
    groups: ['default', 'key', 'secret'],
    keys: ['a', 'b'],
    interleaved: ['default', 'secret'],
  };
  assert.deepEqual(sort(names.slice(10), options).slice(-2), ['key:z', 'secret:a']);
  assert.equal(sort(names, options).indexOf('secret:a'), 0);
});
