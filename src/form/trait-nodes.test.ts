import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../lib/json.ts';
import { SchemaError } from '../schema/refs.ts';
import { input } from './node.ts';
import { flattenTraits, identifierLabel, schemaKeys, traitNodes, withTraitValues } from './trait-nodes.ts';

const of = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  ...more,
  properties: { traits: { type: 'object', properties, required: ['email', 'terms'] } },
});

const rich = of(
  {
    zeta: { type: 'string', title: 'First in the file' },
    email: { type: 'string', format: 'email', title: 'E-Mail' },
    nickname: { type: 'string', title: '', pattern: '^[a-z]+$' },
    age: { type: 'integer', title: 'Age' },
    score: { type: ['number', 'null'] },
    terms: { type: 'boolean' },
    plan: { type: 'string', enum: ['free', 'pro'] },
    seen: { type: 'string', format: 'date-time' },
    born: { type: 'string', format: 'date' },
    site: { type: 'string', format: 'uri' },
    phone: { type: 'string', format: 'tel' },
    odd: { type: 'string', format: 'regex' },
    preset: { default: 'standard' },
    fixed: { const: true },
    tags: { type: 'array', items: { type: 'string' } },
    groups: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
    any: {},
    many: { type: ['string', 'number', 'boolean'] },
    address: {
      type: 'object',
      required: ['city'],
      properties: {
        city: { type: 'string' },
        geo: { type: 'object', properties: { lat: { type: 'number' } } },
      },
    },
    shared: { $ref: '#/definitions/shared', title: 'ignored beside a reference' },
    mixed: {
      allOf: [
        { type: 'string', default: 'x', title: 'With default' },
        { type: 'string', title: 'Later' },
      ],
    },
    'dotted.name': { type: 'string' },
  },
  { definitions: { shared: { type: 'string', title: 'Shared' } } },
);

test('each simple trait has a field, in alphabetical order', () => {
  const nodes = traitNodes(rich, 'default').map(({ group, attributes, meta, messages }) => {
    assert.ok(attributes.node_type === 'input' && group === 'default' && messages.length === 0);
    const { node_type: _type, disabled, name, type, ...rest } = attributes;
    assert.equal(disabled, false);
    return [name, type, { ...rest, ...(meta.label ? { label: [meta.label.id, meta.label.context] } : {}) }];
  });
  const label = (name: string, title: string): readonly unknown[] => [1070002, { title, name }];
  assert.deepEqual(nodes, [
    ['traits.address.city', 'text', { required: true }],
    ['traits.address.geo.lat', 'number', {}],
    ['traits.age', 'number', { label: label('traits.age', 'Age') }],
    ['traits.born', 'date', {}],
    ['traits.dotted\\.name', 'text', {}],
    [
      'traits.email',
      'email',
      { required: true, autocomplete: 'email', label: label('traits.email', 'E-Mail') },
    ],
    ['traits.fixed', 'checkbox', {}],
    ['traits.mixed', 'text', { label: label('traits.mixed', 'With default') }],
    ['traits.nickname', 'text', { pattern: '^[a-z]+$' }],
    ['traits.odd', 'text', {}],
    ['traits.phone', 'tel', { autocomplete: 'tel' }],
    ['traits.plan', 'text', { options: [{ value: 'free' }, { value: 'pro' }] }],
    ['traits.preset', 'text', {}],
    ['traits.score', 'number', {}],
    ['traits.seen', 'datetime-local', {}],
    ['traits.shared', 'text', { label: label('traits.shared', 'Shared') }],
    ['traits.site', 'url', { autocomplete: 'url' }],
    ['traits.tags', 'text', {}],
    ['traits.terms', 'checkbox', { required: true }],
    ['traits.zeta', 'text', { label: label('traits.zeta', 'First in the file') }],
  ]);
});

test('at most 500 choices are offered', () => {
  const many = of({ x: { type: 'string', enum: Array.from({ length: 600 }, (_, i) => `c${i}`) } });
  const [field] = traitNodes(many, 'default');
  assert.equal(field?.attributes.node_type === 'input' && field.attributes.options?.length, 500);
});

test('a schema that refers to itself has no end of fields', () => {
  assert.throws(() => traitNodes(of({ child: { $ref: '#/properties/traits' } }), 'default'), SchemaError);
});

test('keys come in the order of the document, through plain objects only', () => {
  assert.deepEqual(
    schemaKeys(
      of({
        b: { type: 'string' },
        a: { type: 'object', properties: { d: {}, c: {} } },
        'e.f': {},
        g: { $ref: '#/x' },
      }),
    ),
    ['traits.b', 'traits.a.d', 'traits.a.c', 'traits.e\\.f', 'traits.g'],
  );
});

test('the one titled identifier names the field for signing in', () => {
  const identifying = (flags: JsonObject, more: JsonObject = {}): JsonObject => ({
    type: 'string',
    'ory.sh/kratos': { credentials: { alpha: flags } },
    ...more,
  });
  const titled = { title: 'E-Mail' };
  const table: readonly (readonly [properties: JsonObject, label: readonly unknown[]])[] = [
    [{ a: identifying({ identifier: true }, titled) }, [1070002, { title: 'E-Mail', name: 'traits.a' }]],
    [{ a: identifying({ display_name: true }, titled) }, [1070002, { title: 'E-Mail', name: 'traits.a' }]],
    [{ a: identifying({ account_name: true }, titled) }, [1070002, { title: 'E-Mail', name: 'traits.a' }]],
    [{ a: identifying({ identifier: true }) }, [1070004, undefined]],
    [
      { a: identifying({ identifier: true }, titled), b: identifying({ identifier: true }) },
      [1070004, undefined],
    ],
    [{ a: identifying({ identifier: false }, titled) }, [1070004, undefined]],
    [{ a: { type: 'string', title: 'A' } }, [1070004, undefined]],
  ];
  for (const [properties, [id, context]] of table) {
    const label = identifierLabel(of(properties));
    assert.deepEqual([label.id, label.context], [id, context]);
  }
});

test('values go into their fields, and those without one get one', () => {
  const nodes = [
    input('default', { name: 'traits.email', type: 'email', required: true }),
    input('default', { name: 'traits.tags', type: 'text' }),
  ];
  const traits = {
    email: 'a@b.c',
    tags: ['x', 'y'],
    admin: true,
    level: 3,
    name: { first: 'Ada', last: null },
    empty: {},
  };
  const filled = withTraitValues(nodes, traits, { prefix: 'traits', group: 'mine' });
  assert.deepEqual(
    filled.map(
      ({ group, attributes }) =>
        attributes.node_type === 'input' && [group, attributes.name, attributes.type, attributes.value],
    ),
    [
      ['mine', 'traits.email', 'email', 'a@b.c'],
      ['default', 'traits.tags', 'text', undefined],
      ['mine', 'traits.tags.0', 'text', 'x'],
      ['mine', 'traits.tags.1', 'text', 'y'],
      ['mine', 'traits.admin', 'checkbox', true],
      ['mine', 'traits.level', 'number', 3],
      ['mine', 'traits.name.first', 'text', 'Ada'],
    ],
  );
  assert.deepEqual(flattenTraits({ a: { b: 1 } }, ''), { 'a.b': 1 });
});
