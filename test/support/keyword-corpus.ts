// For each keyword of JSON Schema draft 7 two properties that use it differently, with values that fit and values that do not.
import type { Json, JsonObject } from '../../src/lib/json.ts';

export interface Use {
  readonly schema: JsonObject;
  readonly fits: readonly Json[];
  readonly doesNotFit: readonly Json[];
  /** Forms have texts only and drop what no field stands for: what does not fit there, where that differs. */
  readonly doesNotFitInForms?: readonly Json[];
}

export interface KeywordUses {
  readonly keyword: string;
  readonly one: Use;
  readonly other: Use;
  readonly definitions?: JsonObject;
}

// Named so, a member makes an object look like a promise to the linter.
const THEN = 'then';
const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const use = (
  schema: JsonObject,
  fits: readonly Json[],
  doesNotFit: readonly Json[],
  doesNotFitInForms?: readonly Json[],
): Use => ({ schema, fits, doesNotFit, ...(doesNotFitInForms ? { doesNotFitInForms } : {}) });

export const KEYWORD_USES: readonly KeywordUses[] = [
  {
    keyword: 'type',
    one: use({ type: 'integer' }, [3, -1, 1e3], ['x', 1.5, true], ['x', 1.5, 'true']),
    other: use({ type: ['boolean', 'null'] }, [true, false], [7, 'x'], []),
  },
  {
    keyword: 'enum',
    one: use({ ...text, enum: ['red', 'green'] }, ['red', 'green'], ['blue', 'Red']),
    other: use({ type: 'integer', enum: [1, 2, 30] }, [1, 30], [3]),
  },
  {
    keyword: 'const',
    one: use({ ...text, const: 'yes' }, ['yes'], ['no']),
    other: use({ type: 'boolean', const: true }, [true], [false]),
  },
  {
    keyword: 'multipleOf',
    one: use({ type: 'number', multipleOf: 0.01 }, [19.99, 0.07, 1e15, -4.35], [19.995, 0.001]),
    other: use({ type: 'number', multipleOf: 7 }, [49, 0, -7], [50, 7.5]),
  },
  {
    keyword: 'maximum',
    one: use({ type: 'number', maximum: 10 }, [10, -3], [10.01, 11]),
    other: use({ type: 'number', maximum: -1.5 }, [-1.5, -2], [-1, 0]),
  },
  {
    keyword: 'exclusiveMaximum',
    one: use({ type: 'number', exclusiveMaximum: 10 }, [9.99], [10]),
    other: use({ type: 'number', exclusiveMaximum: 5 }, [4], [5, 6]),
  },
  {
    keyword: 'minimum',
    one: use({ type: 'integer', minimum: 18 }, [18, 99], [17]),
    other: use({ type: 'integer', minimum: -5 }, [-5, 0], [-6]),
  },
  {
    keyword: 'exclusiveMinimum',
    one: use({ type: 'number', exclusiveMinimum: 0 }, [0.1], [0, -1]),
    other: use({ type: 'number', exclusiveMinimum: 100 }, [101], [100]),
  },
  {
    keyword: 'maxLength',
    one: use({ ...text, maxLength: 2 }, ['ab', '😀😀'], ['abc', '😀😀😀']),
    other: use({ ...text, maxLength: 5 }, ['abcde'], ['abcdef']),
  },
  {
    keyword: 'minLength',
    one: use({ ...text, minLength: 2 }, ['ab', 'ää'], ['a', '😀']),
    other: use({ ...text, minLength: 4 }, ['abcd'], ['abc']),
  },
  {
    keyword: 'pattern',
    one: use({ ...text, pattern: '^[A-Z]{2}\\d{2}$' }, ['AB12'], ['ab12', 'AB123', '12345']),
    other: use({ ...text, pattern: '^[0-9]{5}$' }, ['12345'], ['1234', 'AB12']),
  },
  {
    keyword: 'format',
    one: use({ ...text, format: 'date' }, ['2024-02-29'], ['2023-02-29', 'ada@example.org']),
    other: use({ ...text, format: 'email' }, ['ada@example.org'], ['2024-02-29', 'ada@example.org.']),
  },
  {
    keyword: 'items (one schema)',
    one: use({ type: 'array', items: { type: 'integer' } }, [[1, 2], [3]], [[1, 'x']]),
    other: use({ type: 'array', items: { ...text, maxLength: 1 } }, [['a', 'b']], [['a', 'bc']]),
  },
  {
    keyword: 'items (one for each place)',
    one: use({ type: 'array', items: [text, { type: 'integer' }] }, [['a', 1], ['a']], [['a', 'b']]),
    other: use({ type: 'array', items: [{ type: 'integer' }, text] }, [[1, 'a']], [['a', 'b']]),
  },
  {
    keyword: 'additionalItems',
    one: use({ type: 'array', items: [text], additionalItems: false }, [['a']], [['a', 'b']]),
    other: use(
      { type: 'array', items: [text], additionalItems: { type: 'integer' } },
      [['a', 1, 2]],
      [['a', 'b']],
    ),
  },
  {
    keyword: 'maxItems',
    one: use({ ...texts, maxItems: 1 }, [['a']], [['a', 'b']]),
    other: use({ ...texts, maxItems: 3 }, [['a', 'b', 'c']], [['a', 'b', 'c', 'd']]),
  },
  {
    keyword: 'minItems',
    one: use({ ...texts, minItems: 2 }, [['a', 'b']], [['a']]),
    other: use({ ...texts, minItems: 3 }, [['a', 'b', 'c']], [['a', 'b']]),
  },
  {
    keyword: 'uniqueItems',
    one: use({ ...texts, uniqueItems: true }, [['a', 'b']], [['a', 'b', 'a']]),
    other: use({ type: 'array', items: { type: 'number' }, uniqueItems: true }, [[1, 2]], [[1, 1.0]]),
  },
  {
    keyword: 'uniqueItems (objects)',
    one: use(
      { type: 'array', uniqueItems: true },
      [[{ a: 1 }, { a: 2 }]],
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      ],
    ),
    other: use({ ...texts, uniqueItems: false }, [['a', 'a']], []),
  },
  {
    keyword: 'contains',
    one: use({ ...texts, contains: { const: 'a' } }, [['b', 'a']], [['b']]),
    other: use({ ...texts, contains: { minLength: 3 } }, [['abc']], [['ab']]),
  },
  {
    keyword: 'maxProperties',
    one: use({ type: 'object', maxProperties: 1 }, [{ x: 'a' }], [{ x: 'a', y: 'b' }]),
    other: use({ type: 'object', maxProperties: 2 }, [{ x: 'a', y: 'b' }], [{ x: 'a', y: 'b', z: 'c' }]),
  },
  {
    keyword: 'minProperties',
    one: use({ type: 'object', minProperties: 1 }, [{ x: 'a' }], [{}]),
    other: use({ type: 'object', minProperties: 2 }, [{ x: 'a', y: 'b' }], [{ x: 'a' }]),
  },
  {
    keyword: 'required',
    one: use(
      { type: 'object', properties: { x: text, y: text }, required: ['x'] },
      [{ x: 'a' }],
      [{ y: 'a' }],
    ),
    other: use(
      { type: 'object', properties: { x: text, y: text }, required: ['y'] },
      [{ y: 'a' }],
      [{ x: 'a' }],
    ),
  },
  {
    keyword: 'required (names that all objects have)',
    one: use(
      { type: 'object', properties: { constructor: text }, required: ['constructor'] },
      [{ constructor: 'Brunel' }],
      [{ other: 'x' }],
    ),
    other: use(
      { type: 'object', properties: { toString: { type: 'integer' }, x: text } },
      [{ toString: 3 }, { x: 'a' }],
      [{ toString: 'x' }],
    ),
  },
  {
    keyword: 'properties',
    one: use({ type: 'object', properties: { x: { type: 'integer' } } }, [{ x: 1 }], [{ x: 'a' }]),
    other: use({ type: 'object', properties: { x: { ...text, minLength: 2 } } }, [{ x: 'ab' }], [{ x: 'a' }]),
  },
  {
    keyword: 'patternProperties',
    one: use(
      { type: 'object', patternProperties: { '^n_': { maxLength: 1 } } },
      [{ n_a: 'x', m: 'xy' }],
      [{ n_a: 'xy' }],
    ),
    other: use(
      { type: 'object', patternProperties: { _s$: { minLength: 2 } } },
      [{ a_s: 'xy', n_a: 'xyz' }],
      [{ a_s: 'x' }],
    ),
  },
  {
    keyword: 'additionalProperties',
    one: use(
      { type: 'object', properties: { x: text }, additionalProperties: false },
      [{ x: 'a' }],
      [{ x: 'a', y: 'b' }],
      [],
    ),
    other: use(
      { type: 'object', additionalProperties: { ...text, maxLength: 2 } },
      [{ x: 'ab' }],
      [{ x: 'abc' }],
    ),
  },
  {
    keyword: 'dependencies (names)',
    one: use({ type: 'object', dependencies: { x: ['y'] } }, [{ x: 'a', y: 'b' }, { z: 'c' }], [{ x: 'a' }]),
    other: use({ type: 'object', dependencies: { y: ['x'] } }, [{ y: 'a', x: 'b' }], [{ y: 'a' }]),
  },
  {
    keyword: 'dependencies (schemas)',
    one: use(
      { type: 'object', dependencies: { x: { minProperties: 2 } } },
      [{ x: 'a', y: 'b' }],
      [{ x: 'a' }],
    ),
    other: use(
      { type: 'object', dependencies: { x: { maxProperties: 1 } } },
      [{ x: 'a' }],
      [{ x: 'a', y: 'b' }],
    ),
  },
  {
    keyword: 'propertyNames',
    one: use({ type: 'object', propertyNames: { pattern: '^[a-z]+$' } }, [{ abc: 'x' }], [{ A: 'x' }]),
    other: use({ type: 'object', propertyNames: { maxLength: 2 } }, [{ AB: 'x' }], [{ abc: 'x' }]),
  },
  {
    keyword: 'if, then, else',
    one: use(
      { ...text, if: { pattern: '^a' }, [THEN]: { maxLength: 2 }, else: { minLength: 3 } },
      ['ab', 'xyz'],
      ['abc', 'xy'],
    ),
    other: use({ ...text, if: { maxLength: 1 }, [THEN]: { const: 'z' } }, ['z', 'abc'], ['a']),
  },
  {
    keyword: 'allOf',
    one: use({ ...text, allOf: [{ minLength: 2 }, { pattern: '^x' }] }, ['xy'], ['x', 'ab']),
    other: use({ ...text, allOf: [{ maxLength: 2 }, { pattern: 'b$' }] }, ['ab'], ['aab', 'a']),
  },
  {
    keyword: 'anyOf',
    one: use({ ...text, anyOf: [{ const: 'a' }, { minLength: 5 }] }, ['a', 'abcde'], ['abc']),
    other: use({ ...text, anyOf: [{ pattern: '^1' }, { pattern: '^2' }] }, ['1x', '2x'], ['3x']),
  },
  {
    keyword: 'oneOf',
    one: use({ ...text, oneOf: [{ minLength: 3 }, { pattern: '^a' }] }, ['bcd', 'a'], ['abc', 'b']),
    other: use({ type: 'integer', oneOf: [{ multipleOf: 2 }, { multipleOf: 3 }] }, [4, 9], [6, 5]),
  },
  {
    keyword: 'not',
    one: use({ ...text, not: { pattern: 'admin' } }, ['ada'], ['the admin']),
    other: use({ type: 'integer', not: { minimum: 10 } }, [9], [10]),
  },
  {
    keyword: '$ref and definitions',
    definitions: { short: { ...text, maxLength: 2 }, even: { type: 'integer', multipleOf: 2 } },
    one: use({ $ref: '#/definitions/short' }, ['ab'], ['abc']),
    other: use({ $ref: '#/definitions/even' }, [4], [3]),
  },
  {
    keyword: 'title, description, default, examples, readOnly, contentEncoding, $comment',
    one: use(
      { ...text, title: 'One', description: 'x', default: 'd', examples: ['e'], $comment: 'c', maxLength: 9 },
      ['anything'],
      ['more than nine'],
    ),
    other: use(
      { ...text, title: 'Other', readOnly: true, contentEncoding: 'base64', minLength: 2 },
      ['%%'],
      ['%'],
    ),
  },
];
