import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../lib/json.ts';
import { SchemaError } from './refs.ts';
import { compileOwnSchema, compileSchema } from './schema.ts';

const schemaOf = (properties: Json, more: { readonly [key: string]: Json } = {}): string =>
  JSON.stringify({ type: 'object', properties: { traits: { type: 'object', properties, ...more } } });

function problemsOf(schema: string, traits: Json): readonly unknown[] {
  return compileSchema(schema)
    .validate({ traits })
    .map(({ at, message }) => [at, message.id, message.id === 4000001 ? undefined : message.context]);
}

const TABLE: readonly (readonly [name: string, rule: Json, value: Json, id: number, context?: unknown])[] = [
  ['too short', { type: 'string', minLength: 3 }, '😀b', 4000003, { min_length: 3, actual_length: 2 }],
  ['too long', { type: 'string', maxLength: 2 }, 'abc', 4000017, { max_length: 2, actual_length: 3 }],
  ['pattern', { type: 'string', pattern: '^[a-z]+$' }, 'A', 4000004, { pattern: '^[a-z]+$' }],
  ['minimum', { type: 'integer', minimum: 13 }, 12, 4000018, { minimum: 13, actual: 12 }],
  ['exclusiveMinimum', { type: 'number', exclusiveMinimum: 0 }, 0, 4000019, { minimum: 0, actual: 0 }],
  ['maximum', { type: 'integer', maximum: 9 }, 10, 4000020, { maximum: 9, actual: 10 }],
  ['exclusiveMaximum', { type: 'number', exclusiveMaximum: 10 }, 10, 4000021, { maximum: 10, actual: 10 }],
  ['multipleOf', { type: 'number', multipleOf: 0.5 }, 1.3, 4000022, { base: 0.5, actual: 1.3 }],
  ['maxItems', { type: 'array', maxItems: 1 }, [1, 2], 4000023, { max_items: 1, actual_items: 2 }],
  ['minItems', { type: 'array', minItems: 1 }, [], 4000024, { min_items: 1, actual_items: 0 }],
  [
    'uniqueItems',
    { type: 'array', uniqueItems: true },
    [1, { a: 1, b: 2 }, { b: 2, a: 1 }, 1],
    4000025,
    { index_a: 1, index_b: 2 },
  ],
  [
    'type of a fraction',
    { type: 'integer' },
    20.5,
    4000026,
    { allowed_types: ['integer'], actual_type: 'number' },
  ],
  [
    'type of a list',
    { type: ['string', 'null'] },
    [],
    4000026,
    { allowed_types: ['string', 'null'], actual_type: 'array' },
  ],
  [
    'type before const',
    { type: 'boolean', const: true },
    'on',
    4000026,
    { allowed_types: ['boolean'], actual_type: 'string' },
  ],
  ['const', { type: 'boolean', const: true }, false, 4000029, { expected: 'true' }],
  ['const text', { const: 'yes' }, 'no', 4000029, { expected: '"yes"' }],
  ['const object', { const: { a: 1 } }, 'no', 4000030],
  ['email', { type: 'string', format: 'email' }, 'not an address', 4000040, { value: 'not an address' }],
  ['loose email', { type: 'string', format: 'email_loose' }, 'x', 4000040, { value: 'x' }],
  ['empty email', { type: 'string', format: 'email' }, '', 4000001],
  ['phone', { type: 'string', format: 'tel' }, '123', 4000041, { value: '123' }],
  ['date', { type: 'string', format: 'date' }, '10.12.1815', 4000001],
  ['enum', { type: 'string', enum: ['a', 'b'] }, 'c', 4000001],
  ['not', { not: { type: 'string' } }, 'c', 4000001],
  ['oneOf with two that fit', { oneOf: [{ type: 'string' }, { minLength: 1 }] }, 'c', 4000001],
];

test('each wrong value has its own message', () => {
  for (const [name, rule, value, id, context] of TABLE) {
    assert.deepEqual(problemsOf(schemaOf({ x: rule }), { x: value }), [['traits.x', id, context]], name);
  }
});

test('places become names', () => {
  const required = schemaOf(
    { a: { type: 'object', required: ['b', 'c.d'], properties: {} } },
    { required: ['z'] },
  );
  assert.deepEqual(problemsOf(required, { a: {} }), [
    ['traits.z', 4000002, { property: 'z' }],
    ['traits.a.b', 4000002, { property: 'b' }],
    ['traits.a.c\\.d', 4000002, { property: 'c.d' }],
  ]);
  const items = schemaOf({ tags: { type: 'array', items: { type: 'string', minLength: 2 } } });
  assert.deepEqual(problemsOf(items, { tags: ['ok', 'x'] }), [
    ['traits.tags.1', 4000003, { min_length: 2, actual_length: 1 }],
  ]);
  const closed = schemaOf({ a: {} }, { additionalProperties: false });
  assert.deepEqual(problemsOf(closed, { b: 1, c: 2 }), [['traits', 4000001, undefined]]);
});

test('combinations tell what is wrong inside them, not that they failed', () => {
  const any = schemaOf({ x: { anyOf: [{ type: 'string', minLength: 3 }, { type: 'integer' }] } });
  assert.deepEqual(problemsOf(any, { x: 'ab' }), [
    ['traits.x', 4000003, { min_length: 3, actual_length: 2 }],
    ['traits.x', 4000026, { allowed_types: ['integer'], actual_type: 'string' }],
  ]);
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  const conditional = schemaOf({ a: {}, b: {} }, { if: { required: ['a'] }, then: { required: ['b'] } });
  assert.deepEqual(problemsOf(conditional, { a: 1 }), [['traits.b', 4000002, { property: 'b' }]]);
  assert.deepEqual(problemsOf(conditional, {}), []);
});

test('references lead inside the document, whatever it calls itself', () => {
  for (const ref of [
    '#/definitions/mail',
    'https://example.org/p.json#/definitions/mail',
    '#mail',
    'mail.json',
    'https://example.org/mail.json',
  ]) {
    const schema = JSON.stringify({
      $id: 'https://example.org/p.json',
      definitions: {
        mail: { $id: ref.includes('mail.json') ? 'mail.json' : '#mail', type: 'string', format: 'email' },
      },
      properties: { traits: { type: 'object', properties: { email: { $ref: ref, minLength: 99 } } } },
    });
    assert.deepEqual(problemsOf(schema, { email: 'x' }), [['traits.email', 4000040, { value: 'x' }]], ref);
    assert.equal(compileSchema(schema).holds('/properties/traits/properties/email', 'a@b.c'), true, ref);
  }
  const list = schemaOf({
    a: { $ref: '#/properties/traits/properties/b' },
    b: { type: 'array', items: { $ref: '#/properties/traits/properties/b' } },
  });
  assert.deepEqual(problemsOf(list, { a: [[], 'x'] }), [
    ['traits.a.1', 4000026, { allowed_types: ['array'], actual_type: 'string' }],
  ]);
});

test('drafts 4, 6 and 7 are understood', () => {
  for (const draft of [
    'http://json-schema.org/draft-06/schema#',
    'http://json-schema.org/draft-07/schema#',
    'http://json-schema.org/draft-07/schema',
  ]) {
    const schema = JSON.stringify({
      $schema: draft,
      properties: { traits: { type: 'object', properties: { x: { type: 'string' } } } },
    });
    assert.equal(problemsOf(schema, { x: 1 }).length, 1, draft);
  }
  const draft4 = JSON.stringify({
    $schema: 'http://json-schema.org/draft-04/schema#',
    id: 'https://example.org/four.json',
    definitions: {
      age: { type: 'integer', minimum: 13, exclusiveMinimum: true, maximum: 20, exclusiveMaximum: false },
    },
    properties: {
      traits: { type: 'object', properties: { age: { $ref: '#/definitions/age' }, id: { type: 'string' } } },
    },
  });
  assert.deepEqual(problemsOf(draft4, { age: 13, id: 'a' }), [
    ['traits.age', 4000019, { minimum: 13, actual: 13 }],
  ]);
  assert.deepEqual(problemsOf(draft4, { age: 21, id: 'a' }), [
    ['traits.age', 4000020, { maximum: 20, actual: 21 }],
  ]);
});

const nested = (depth: number): string => `${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`;
const BROKEN: readonly (readonly [name: string, text: string, reason: RegExp])[] = [
  ['cut off', '{"type":', /not JSON/],
  ['a list', '[]', /not a JSON object/],
  ['an unknown type', '{"type":"text"}', /type/],
  ['a limit that is no number', '{"minLength":"x"}', /minLength/],
  ['a pattern with lookahead', schemaOf({ x: { pattern: '(?=a)' } }), /lookaround/],
  ['a broken pattern of names', '{"patternProperties":{"(":{}}}', /missing \)/],
  ['a reference to nothing', schemaOf({ x: { $ref: '#/definitions/none' } }), /none|leads nowhere/],
  ['a reference to another document', schemaOf({ x: { $ref: 'https://example.org/x.json' } }), /x\.json/],
  [
    'a reference to itself',
    '{"definitions":{"a":{"$ref":"#/definitions/a"}},"properties":{"x":{"$ref":"#/definitions/a"}}}',
    /itself/,
  ],
  [
    'a longer circle for one value',
    '{"definitions":{"a":{"allOf":[{"$ref":"#/definitions/b"}]},"b":{"anyOf":[{"$ref":"#/definitions/a"}]}},"items":{"$ref":"#/definitions/a"}}',
    /itself/,
  ],
  ['a form without end', schemaOf({ x: { $ref: '#/properties/traits' } }), /itself/],
  ['too deep', nested(70), /deeper/],
  ['much too deep', nested(100_000), /deeper|not JSON/],
  ['too large', JSON.stringify({ title: 'x'.repeat(1024 * 1024) }), /1 MiB/],
  ['a key of the program', '{"properties":{"__proto__":{"type":"string"}}}', /__proto__/],
];

test('a schema that cannot be used is refused with a reason', () => {
  for (const [name, text, reason] of BROKEN) {
    assert.throws(
      () => compileSchema(text),
      (error) => error instanceof SchemaError && reason.test(error.message),
      name,
    );
  }
});

test('the same text is compiled once, and our own schemas by their object', () => {
  const text = schemaOf({ x: { type: 'string' } });
  assert.equal(compileSchema(text), compileSchema(text));
  const own = { type: 'object', properties: { a: { type: 'string' } } };
  assert.equal(compileOwnSchema(own), compileOwnSchema(own));
  assert.deepEqual(
    compileOwnSchema(own)
      .validate({ a: 1 })
      .map((problem) => problem.at),
    ['a'],
  );
});

test('names in one schema do not reach into another', () => {
  const first = JSON.stringify({
    $id: 'https://example.org/same.json',
    properties: { x: { type: 'string' } },
  });
  const second = JSON.stringify({
    $id: 'https://example.org/same.json',
    properties: { x: { type: 'number' } },
  });
  assert.equal(compileSchema(first).validate({ x: 1 }).length, 1);
  assert.equal(compileSchema(second).validate({ x: 1 }).length, 0);
});

const TREE = JSON.stringify({
  definitions: {
    tree: {
      type: 'array',
      items: { allOf: [{ $ref: '#/definitions/tree' }, { $ref: '#/definitions/tree' }] },
    },
  },
  properties: { traits: { $ref: '#/definitions/tree' } },
});

test('a value that would be checked again and again is refused instead', () => {
  const schema = compileSchema(TREE);
  assert.deepEqual(schema.validate({ traits: [[[]]] }), []);
  const deep: unknown = JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`);
  const [problem, ...others] = schema.validate({ traits: deep as Json }); // it was just parsed
  assert.match(problem?.message.text ?? '', /too long, or too much/);
  assert.deepEqual(others, []);
});

test('a long text is refused before a pattern or format has read it', () => {
  const schema = compileSchema(schemaOf({ a: { pattern: '^(a+)+$' }, b: { format: 'uri' } }));
  for (const name of ['a', 'b']) {
    assert.match(
      schema.validate({ traits: { [name]: 'a'.repeat(5_000_000) } })[0]?.message.text ?? '',
      /too long, or too much/,
    );
  }
});

test('lists of thousands of texts and objects are compared at once', () => {
  const schema = compileSchema(schemaOf({ a: { uniqueItems: true } }));
  const list = (last: number): Json => ({
    traits: { a: Array.from({ length: 9_000 }, (_, index) => ({ n: [index === 8_999 ? last : index] })) },
  });
  assert.deepEqual(schema.validate(list(8_999)), []);
  assert.deepEqual(
    schema.validate(list(17)).map(({ message }) => message.context),
    [{ index_a: 17, index_b: 8_999 }],
  );
});

test('more than a stack can hold of references that follow each other is refused', () => {
  const definitions = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, index) => [`d${index}`, { $ref: `#/definitions/d${index + 1}` }]),
  );
  const text = JSON.stringify({
    definitions: { ...definitions, d3000: { type: 'string' } },
    properties: { traits: { $ref: '#/definitions/d0' } },
  });
  assert.throws(() => compileSchema(text), /follow each other/);
});
