import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../lib/json.ts';
import { type Derivation, deriveFromTraits } from './derive.ts';
import { compileSchema } from './schema.ts';

const id = { identifier: true };
const sms = { identifier: true, via: 'sms' };
const mail = { identifier: true, via: 'email' };
const ext = (extension: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'string',
  ...more,
  'ory.sh/kratos': extension,
});

function derive(properties: JsonObject, traits: JsonObject, more: JsonObject = {}): Derivation {
  const schema: Json = { ...more, properties: { traits: { type: 'object', properties } } };
  return deriveFromTraits(compileSchema(JSON.stringify(schema)), traits);
}

test('one trait can be identifier, label and address at once', () => {
  const everything = ext(
    {
      credentials: { alpha: id, beta: { display_name: true }, gamma: mail, delta: { identifier: false } },
      verification: { via: 'email' },
      recovery: { via: 'email' },
    },
    { format: 'email' },
  );
  assert.deepEqual(derive({ email: everything }, { email: 'Ada@Example.org' }), {
    ok: true,
    traits: { email: 'Ada@Example.org' },
    credentials: [
      { type: 'alpha', value: 'ada@example.org', flags: id },
      { type: 'beta', value: 'Ada@Example.org', flags: { display_name: true } },
      { type: 'gamma', value: 'ada@example.org', flags: mail },
    ],
    verification: [{ via: 'email', value: 'ada@example.org' }],
    recovery: [{ via: 'email', value: 'ada@example.org' }],
  });
});

test('a phone number identifies in E.164, but its trait changes only where messages are sent to it', () => {
  const phone = '+41 (0)79 123-45-02';
  const plain = derive({ phone: ext({ credentials: { alpha: id } }, { format: 'tel' }) }, { phone });
  assert.ok(plain.ok);
  assert.deepEqual([plain.traits, plain.credentials[0]?.value], [{ phone }, '+41791234502']);
  const uses = [
    { credentials: { alpha: sms } },
    { verification: { via: 'sms' } },
    { recovery: { via: 'sms' } },
  ];
  for (const use of uses) {
    const sent = derive({ phone: ext(use, { format: 'tel' }), other: {} }, { phone, other: 1 });
    assert.ok(sent.ok);
    assert.deepEqual(sent.traits, { phone: '+41791234502', other: 1 });
  }
});

test('traits are found in nested objects, lists, references and combinations', () => {
  const mark = ext({ credentials: { alpha: id } });
  const values = (properties: JsonObject, traits: JsonObject, more: JsonObject = {}): readonly string[] => {
    const found = derive(properties, traits, more);
    assert.ok(found.ok);
    return found.credentials.map((hit) => hit.value);
  };
  const nested = { type: 'object', properties: { b: { type: 'object', properties: { c: mark } } } };
  assert.deepEqual(values({ a: nested }, { a: { b: { c: 'x' } } }), ['x']);
  assert.deepEqual(values({ list: { type: 'array', items: mark } }, { list: ['x', 'y'] }), ['x', 'y']);
  assert.deepEqual(
    values({ list: { type: 'array', items: [mark], additionalItems: false } }, { list: ['x', 'y'] }),
    ['x'],
  );
  assert.deepEqual(values({ a: { $ref: '#/definitions/m' } }, { a: 'x' }, { definitions: { m: mark } }), [
    'x',
  ]);
  assert.deepEqual(values({ a: { allOf: [{ type: 'string' }, mark] } }, { a: 'x' }), ['x']);
  const either = {
    anyOf: [
      { ...mark, format: 'email' },
      { type: 'string', minLength: 3 },
    ],
  };
  assert.deepEqual(values({ a: either }, { a: 'a@b.c' }), ['a@b.c']);
  assert.deepEqual(values({ a: either }, { a: 'abc' }), []);
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  const conditional = { if: { minLength: 3 }, then: mark, else: { type: 'string' } };
  assert.deepEqual(values({ a: conditional, b: conditional }, { a: 'abc', b: 'ab' }), ['abc']);
  assert.deepEqual(
    values(
      { m: { patternProperties: { '^x': mark }, additionalProperties: {} } },
      { m: { x1: 'v', y: 'w' } },
    ),
    ['v'],
  );
  assert.deepEqual(values({ user: mark, mails: { items: mark } }, { mails: ['a', 'b'], user: 'c' }), [
    'c',
    'a',
    'b',
  ]);
  assert.deepEqual(values({ number: { ...mark, type: 'integer' } }, { number: 42 }), ['42']);
  assert.deepEqual(values({ a: mark, b: mark, c: mark }, { a: '', b: '\u200B' }), []);
});

test('a phone number deep inside is rewritten in its place', () => {
  const list = {
    type: 'array',
    items: { type: 'object', properties: { no: ext({ verification: { via: 'sms' } }, { format: 'tel' }) } },
  };
  const found = derive(
    { phones: list },
    { phones: [{ no: '+31 20 123 4567', kind: 'home' }, { no: '+31201234568' }] },
  );
  assert.ok(found.ok);
  assert.deepEqual(found.traits, { phones: [{ no: '+31201234567', kind: 'home' }, { no: '+31201234568' }] });
});

const CHECKS: readonly (readonly [name: string, trait: JsonObject, value: string, id: number | undefined])[] =
  [
    ['no format means e-mail', ext({ verification: { via: 'email' } }), 'nobody', 4000040],
    [
      'no-validate checks nothing',
      ext({ verification: { via: 'email' } }, { format: 'no-validate' }),
      'nobody',
      undefined,
    ],
    [
      'recovery of another format',
      ext({ recovery: { via: 'email' } }, { format: 'no-validate' }),
      'nobody',
      undefined,
    ],
    ['recovery without format', ext({ recovery: { via: 'email' } }), 'nobody', 4000040],
    ['a code by e-mail', ext({ credentials: { alpha: mail } }), 'nobody', 4000040],
    ['a code by SMS', ext({ credentials: { alpha: sms } }), '123', 4000041],
    ['recovery by SMS', ext({ recovery: { via: 'sms' } }), '123', 4000041],
    [
      'verification by SMS',
      ext({ verification: { via: 'sms' } }, { format: 'tel' }),
      '+31201234567',
      undefined,
    ],
    ['verification by SMS without a format', ext({ verification: { via: 'sms' } }), '+31201234567', 4000001],
    ['an unknown channel', ext({ credentials: { alpha: { identifier: true, via: 'fax' } } }), 'x', 4000001],
  ];

test('addresses that cannot be written to are problems of their trait', () => {
  for (const [name, trait, value, expected] of CHECKS) {
    const found = derive({ box: trait }, { box: value });
    const ids = found.ok ? [] : found.problems.map((problem) => [problem.at, problem.message.id]);
    assert.deepEqual(ids, expected === undefined ? [] : [['traits.box', expected]], name);
  }
});
