import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv, type ErrorObject } from 'ajv';
import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { fillAndCheck, refuseUnknownKeywords } from './fit.ts';
import { createConfigLoader } from './load.ts';

const { schema } = createConfigLoader({ methods: [], hooks: [], absentMethods: [] });
const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, validateSchema: false });
const validate = ajv.compile(schema);

/** Where Ajv finds fault with a document, and the document with the defaults that Ajv fills in. */
function byAjv(document: JsonObject): { readonly paths: readonly string[]; readonly filled: JsonObject } {
  const filled = structuredClone(document);
  const errors = validate(filled) ? [] : (validate.errors ?? []);
  return { paths: errors.filter(({ keyword }) => keyword !== 'if').map(pathOf), filled };
}

function pathOf({ instancePath, params }: ErrorObject): string {
  const last: unknown = params['missingProperty'] ?? params['additionalProperty'];
  return `${instancePath}${last === undefined ? '' : `/${escaped(String(last))}`}`;
}
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function byBia(document: JsonObject): { readonly paths: readonly string[]; readonly filled: JsonObject } {
  const filled = structuredClone(document);
  const findings = fillAndCheck(schema, filled);
  return { paths: findings.map(({ path }) => path.map((key) => `/${escaped(key)}`).join('')), filled };
}

/** What fits a schema, or nearly: at each place, now and then something else. */
function nearly(of: Json | undefined): fc.Arbitrary<Json> {
  const anything = fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>;
  if (!isJsonObject(of)) return anything;
  const choices: fc.Arbitrary<Json>[] = [];
  if (Array.isArray(of['enum'])) choices.push(fc.constantFrom(...(of['enum'] as Json[])));
  if (of['const'] !== undefined) choices.push(fc.constant(of['const']));
  if (of['default'] !== undefined) choices.push(fc.constant(of['default']));
  if (Array.isArray(of['anyOf'])) choices.push(...of['anyOf'].map((option: Json) => nearly(option)));
  if (of['type'] === 'integer') choices.push(fc.integer({ min: -1, max: 100_000 }));
  if (of['type'] === 'boolean') choices.push(fc.boolean());
  if (of['type'] === 'string')
    choices.push(fc.constantFrom('', '15m', '1MB', 'text', 'https://example.org/'));
  if (of['type'] === 'array') choices.push(fc.array(nearly(of['items']), { maxLength: 2 }));
  if (of['type'] === 'object') {
    const known = Object.entries(isJsonObject(of['properties']) ? of['properties'] : {});
    const more = isJsonObject(of['additionalProperties']) ? nearly(of['additionalProperties']) : anything;
    choices.push(
      fc
        .record(Object.fromEntries(known.map(([key, inner]) => [key, nearly(inner)])), { requiredKeys: [] })
        .chain((object) =>
          fc.option(more, { freq: 6, nil: undefined }).map((extra) => ({
            ...object,
            ...(extra === undefined ? {} : { extra }),
          })),
        ),
    );
  }
  if (choices.length === 0) return anything;
  return fc.oneof({ weight: 24, arbitrary: fc.oneof(...choices) }, { weight: 1, arbitrary: anything });
}

test('documents have the faults that Ajv finds, at the same places, and get the same defaults', () => {
  const documents = fc.record(
    Object.fromEntries(
      Object.entries(schema['properties'] as JsonObject).map(([key, inner]) => [key, nearly(inner)]),
    ),
    { requiredKeys: ['selfservice'] },
  );
  fc.assert(
    fc.property(documents, (document) => {
      const [ours, theirs] = [byBia(document as JsonObject), byAjv(document as JsonObject)];
      assert.deepEqual([...new Set(ours.paths)].sort(), [...new Set(theirs.paths)].sort());
      assert.deepEqual(ours.filled, theirs.filled);
    }),
    { numRuns: 300 },
  );
});

test('what is filled in below a default does not change the schema', () => {
  const before = JSON.stringify(schema);
  fillAndCheck(schema, {});
  assert.equal(JSON.stringify(schema), before);
});

const REASONS: readonly (readonly [schema: JsonObject, value: Json, reason: string])[] = [
  [{ type: 'integer' }, 1.5, 'must be integer, but is number'],
  [{ type: 'object' }, [], 'must be object, but is a list'],
  [{ type: 'string' }, null, 'must be string, but is null'],
  [{ type: 'integer', minimum: 1 }, 0, 'must be >= 1'],
  [{ type: 'integer', maximum: 5 }, 6, 'must be <= 5'],
  [{ type: 'string', minLength: 3 }, '🙂🙂', 'must NOT have fewer than 3 characters'],
  [{ type: 'string', maxLength: 1 }, 'ab', 'must NOT have more than 1 characters'],
  [{ type: 'array', minItems: 1 }, [], 'must NOT have fewer than 1 items'],
  [{ type: 'array', maxItems: 0 }, ['a'], 'must NOT have more than 0 items'],
  [{ enum: ['a', 'b'] }, 'c', 'must be one of a, b'],
  [{ const: 'a' }, 'b', '"b" is not one of the values that are possible here'],
  [{ const: 'a', 'x-reason': 'because' }, 'b', 'because'],
  [{ anyOf: [{ const: 'a' }] }, 'b', '"b" is not one of the values that are possible here'],
  [{ pattern: '^a$' }, 'b', '"b" does not have the right form'],
  [{ pattern: '^a$', writeOnly: true }, 'secret', 'does not have the right form: ^a$'],
  [
    { pattern: '^a$', 'x-decode': 'duration' },
    'b',
    '"b" does not have the right form; write a duration such as 15m or 1h30m',
  ],
];
for (const [inner, value, reason] of REASONS) {
  test(`${JSON.stringify(value)} under ${JSON.stringify(inner)}: ${reason}`, () => {
    const findings = fillAndCheck({ type: 'object', properties: { key: inner } }, { key: value });
    assert.deepEqual(findings, [{ path: ['key'], reason }]);
  });
}

test('a schema that asks for more than is checked is refused', () => {
  assert.throws(() => refuseUnknownKeywords({ properties: { a: { items: { format: 'uri' } } } }), /format/);
  assert.throws(() => refuseUnknownKeywords({ type: ['string', 'null'] }), /type/);
});
