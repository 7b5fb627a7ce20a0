import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../lib/json.ts';
import { compileSchema } from '../schema/schema.ts';
import { Type } from '../schema/typebox.ts';
import { type Decoded, decodeBody, flatten, probeBody, type RawBody } from './body.ts';

const payload = Type.Object({
  method: Type.String(),
  csrf_token: Type.Optional(Type.String()),
  secret: Type.String({ minLength: 1 }),
  remember: Type.Optional(Type.Boolean()),
  count: Type.Optional(Type.Integer()),
  tags: Type.Optional(Type.Array(Type.String())),
  traits: Type.Object({}, { additionalProperties: true }),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

const identity = compileSchema(
  JSON.stringify({
    type: 'object',
    properties: {
      traits: {
        type: 'object',
        properties: {
          email: { type: 'string', format: 'email' },
          age: { type: 'integer', minimum: 13 },
          score: { type: 'number' },
          terms: { type: 'boolean' },
          tags: { type: 'array', items: { type: 'string' } },
          name: { type: 'object', properties: { first: { type: 'string' }, 'a.b': { type: 'string' } } },
          address: {
            type: 'object',
            required: ['city'],
            properties: {
              city: { type: 'string' },
              geo: { type: 'object', properties: { lat: { type: 'number' } } },
            },
          },
        },
        additionalProperties: false,
      },
    },
  }),
);

const json = (value: JsonObject): RawBody => ({ kind: 'json', value });
const form = (...entries: readonly (readonly [string, string])[]): RawBody => ({ kind: 'form', entries });
const EMPTY = { name: {}, address: { geo: {} } };
const city = { address: { city: 'X', geo: {} } };

function decode(raw: RawBody): Decoded {
  return decodeBody(raw, payload, { traits: identity });
}
function traitsOf(raw: RawBody): Json | undefined {
  const decoded = decode(raw);
  return decoded.value['traits'];
}

test('nested and dotted names, and forms, give the same typed value', () => {
  const expected = {
    kind: 'value',
    value: {
      method: 'm',
      secret: 's',
      remember: true,
      count: 3,
      traits: { email: 'a@b.c', age: 36, score: -2.5, terms: false, name: { first: 'Ada' }, ...city },
      transient_payload: {},
    },
  };
  const bodies = [
    json({
      method: 'm',
      secret: 's',
      remember: 'true',
      count: '3',
      unknown: 1,
      traits: {
        email: 'a@b.c',
        age: 36,
        score: -2.5,
        terms: false,
        name: { first: 'Ada' },
        address: { city: 'X' },
      },
    }),
    json({
      method: 'm',
      secret: 's',
      remember: true,
      count: 3,
      'traits.email': 'a@b.c',
      'traits.age': '36',
      'traits.score': -2.5,
      'traits.terms': 'f',
      'traits.name.first': 'Ada',
      'traits.address.city': 'X',
    }),
    form(
      ['method', 'm'],
      ['secret', 's'],
      ['remember', '1'],
      ['count', '3'],
      ['traits.email', 'a@b.c'],
      ['traits.age', '36'],
      ['traits.score', '-2.5'],
      ['traits.terms', 'F'],
      ['traits.name.first', 'Ada'],
      ['traits.address.city', 'X'],
      ['nobody', 'x'],
      ['traits.nobody', 'x'],
    ),
  ];
  for (const raw of bodies) {
    const decoded = decode(raw);
    assert.deepEqual(sorted(decoded), sorted(expected));
  }
});

test('values are converted by their type, the way forms are', () => {
  const table: readonly (readonly [fields: RawBody, traits: JsonObject])[] = [
    [form(['traits.terms', 'false'], ['traits.terms', 'true']), { terms: true }],
    [form(['traits.terms', 'on']), { terms: 'on' }],
    [form(['traits.email', 'first'], ['traits.email', 'second']), { email: 'first' }],
    [form(['traits.email', '']), {}],
    [form(['traits.age', '']), {}],
    [form(['traits.age', 'twenty']), { age: 'twenty' }],
    [form(['traits.age', '1e2']), { age: 100 }],
    [form(['traits.score', 'Infinity']), { score: 'Infinity' }],
    [form(['traits.tags', 'a'], ['traits.tags', ''], ['traits.tags', 'b']), { tags: ['a', 'b'] }],
    [form(['traits.tags', ''], ['traits.tags.0', 'a'], ['traits.tags.1', 'b']), { tags: ['a', 'b'] }],
    [form(['traits.name.a\\.b', 'x']), { name: { 'a.b': 'x' } }],
    [
      json({ traits: { age: '21', email: '', name: { first: null } } }),
      { age: '21', email: '', name: { first: null } },
    ],
    [json({ traits: { email: 'x' }, 'traits.age': '21' }), { email: 'x', age: 21 }],
    [json({ traits: { name: 'text' } }), { name: 'text' }],
    [json({}), {}],
  ];
  for (const [raw, expected] of table) {
    assert.deepEqual(sorted(traitsOf(raw)), sorted({ ...EMPTY, ...expected }), JSON.stringify(raw));
  }
});

test('an object that is not sent counts as empty, so that what it requires is asked for', () => {
  const decoded = decode(json({ method: 'm', secret: 's', traits: { email: 'a@b.c' } }));
  assert.equal(decoded.kind, 'problems');
  assert.deepEqual(decoded.kind === 'problems' && decoded.problems.map((p) => [p.at, p.message.id]), [
    ['traits.address.city', 4000002],
  ]);
  assert.deepEqual(decoded.kind === 'problems' && decoded.echo, {
    method: 'm',
    secret: 's',
    'traits.email': 'a@b.c',
  });
});

test('problems of the payload and of the traits come together', () => {
  const decoded = decode(json({ method: 'm', traits: { age: 3, address: { city: 'X' } } }));
  assert.deepEqual(decoded.kind === 'problems' && decoded.problems.map((p) => [p.at, p.message.id]), [
    ['secret', 4000002],
    ['traits.age', 4000018],
  ]);
  assert.equal(decodeBody(json({ method: 'm' }), payload, { isUnchecked: true }).kind, 'value');
  const typedOnly = decodeBody(form(['method', 'm'], ['secret', 's'], ['traits.age', '3']), payload, {
    traits: { json: identity.json },
  });
  assert.deepEqual(
    [typedOnly.kind, sorted(typedOnly.value['traits'])],
    ['value', sorted({ ...EMPTY, age: 3 })],
  );
});

test('a transient payload arrives from JSON and from dotted fields, and must be an object', () => {
  const base = { method: 'm', secret: 's', traits: { ...city } };
  const sent = decode(json({ ...base, transient_payload: { depth: { n: 3, list: [1, 2] }, text: '' } }));
  assert.deepEqual(sent.value['transient_payload'], { depth: { n: 3, list: [1, 2] }, text: '' });
  const dotted = decode(
    form(
      ['method', 'm'],
      ['secret', 's'],
      ['traits.address.city', 'X'],
      ['transient_payload.plan.name', 'gold'],
    ),
  );
  assert.deepEqual([dotted.kind, dotted.value['transient_payload']], ['value', { plan: { name: 'gold' } }]);
  for (const wrong of ['text', 5, [1]]) {
    const decoded = decode(json({ ...base, transient_payload: wrong }));
    assert.deepEqual(decoded.kind === 'problems' && decoded.problems.map((p) => [p.at, p.message.id]), [
      ['transient_payload', 4000026],
    ]);
  }
});

test('a body that cannot be read is one message above the form', () => {
  const decoded = decode({ kind: 'malformed', reason: 'The request body is not valid JSON.' });
  assert.equal(decoded.kind, 'problems');
  assert.deepEqual(
    decoded.kind === 'problems' && decoded.problems.map((p) => [p.at, p.message.id, p.message.context]),
    [[undefined, 4000001, { reason: 'The request body is not valid JSON.' }]],
  );
});

test('the probe shows the top level without a schema', () => {
  assert.deepEqual(probeBody(json({ method: 'm', a: { b: 1 } })), {
    kind: 'readable',
    body: { method: 'm', a: { b: 1 } },
  });
  assert.deepEqual(probeBody(form(['method', 'm'], ['method', 'n'], ['toString', 'x'])), {
    kind: 'readable',
    body: { toString: 'x', method: 'm' },
  });
  assert.deepEqual(probeBody({ kind: 'none', reason: 'r' }), { kind: 'unreadable', reason: 'r' });
});

test('names of inherited members are names like others', () => {
  const decoded = decodeBody(
    form(['constructor', 'x'], ['transient_payload.constructor.prototype', 'y']),
    Type.Object({ constructor: Type.String(), transient_payload: Type.Object({}) }),
  );
  assert.deepEqual(decoded, {
    kind: 'value',
    value: { constructor: 'x', transient_payload: { constructor: { prototype: 'y' } } },
  });
  assert.equal(Object.hasOwn(Object.prototype, 'y'), false);
});

test('values are flattened to the names of their fields', () => {
  assert.deepEqual(flatten({ a: { 'b.c': 1, d: [true, { e: 'x' }] }, f: null, g: {} }, ['traits']), {
    'traits.a.b\\.c': 1,
    'traits.a.d.0': true,
    'traits.a.d.1.e': 'x',
  });
});

test('no body makes decoding throw, and what is accepted fits', () => {
  const name = fc.constantFrom(
    'method',
    'secret',
    'count',
    'tags',
    'traits',
    'traits.age',
    'traits.name',
    'traits.tags.1',
    'transient_payload',
    'transient_payload.a.b',
    'x',
  );
  const bodies = fc.oneof(
    fc
      .dictionary(name, fc.jsonValue())
      .map((value): RawBody => ({ kind: 'json', value: JSON.parse(JSON.stringify(value)) })),
    fc.array(fc.tuple(name, fc.string())).map((entries): RawBody => ({ kind: 'form', entries })),
  );
  fc.assert(
    fc.property(bodies, (raw) => {
      const decoded = decode(raw);
      if (decoded.kind === 'value')
        assert.deepEqual(identity.validate({ traits: decoded.value['traits'] ?? null }), []);
      else assert.ok(decoded.problems.length > 0);
    }),
    { numRuns: 300 },
  );
});

/** Key order is not part of a value. */
function sorted(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ),
  );
}
