import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from './json.ts';
import { JsonScan, jsonFault, MAX_NAME_LENGTH } from './json-scan.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const cases: readonly (readonly [what: string, text: string, fault: RegExp | undefined])[] = [
  ['a few values', '{"a":[1,2,3],"b":{}}', undefined],
  ['64 levels', nested(64), undefined],
  ['65 levels', nested(65), /deeper than 64/],
  ['levels beside each other', `[${Array.from({ length: 30 }, () => '[[]]').join()}]`, undefined],
  ['99 values in a list', `[${'1,'.repeat(97)}1]`, undefined],
  ['too many values', `[${'1,'.repeat(200)}1]`, /more than 100/],
  [
    'too many values in objects',
    `{${Array.from({ length: 200 }, (_, at) => `"${at}":1`).join()}}`,
    /more than 100/,
  ],
  ['many short lists', `[${'[],'.repeat(60)}[]]`, /more than 100/],
  ['brackets and commas in a text', `{"a":"${'[,{'.repeat(100)}"}`, undefined],
  ['an escaped quote in a text', `{"a":"x\\"${','.repeat(200)}"}`, undefined],
  ['an escaped backslash before the end', `{"a":"x\\\\","b":[${'1,'.repeat(200)}1]}`, /more than 100/],
  ['a text without an end', `{"a":"${'['.repeat(200)}`, undefined],
  ['no JSON', ']]]]', undefined],
  ['a long name', `{"${'n'.repeat(MAX_NAME_LENGTH + 1)}":1}`, /longer than 1024/],
  ['a long text', `{"a":"${'n'.repeat(MAX_NAME_LENGTH + 1)}"}`, undefined],
  ['the name __proto__', '{"a":{"__proto__" :{}}}', /__proto__/],
  ['the name __proto__ in escapes', '{"\\u005f_proto__":{}}', /__proto__/],
  ['the name __proto__ in a path', '{"traits.__proto__.x":1}', /__proto__/],
  ['the text __proto__', '{"a":"__proto__"}', undefined],
  ['NUL', '{"a":"\\u0000"}', /NUL/],
  ['an escaped backslash before u0000', '{"a":"\\\\u0000"}', undefined],
  ['half a character', '["\\ud800x"]', /half a character/],
  ['a pair of halves', '["\\ud83d\\ude00"]', undefined],
  ['a number beyond all', '[1e999]', /too large/],
  ['a whole number that would change', '[9007199254740993]', /9007199254740993, which cannot be kept/],
  ['the same below zero, with an exponent', '[-9.007199254740993e15]', /cannot be kept/],
  ['a large whole number that stays', '[9007199254740992, 1e23, 1000000000000000000000, -12e40]', undefined],
  ['a fraction with many digits', '[0.12345678901234567890123]', undefined],
  ['a number in a text', '["9007199254740993"]', undefined],
  ['a number without end', `[${'1'.repeat(5_000)}]`, /too many digits/],
];

for (const [what, text, fault] of cases) {
  test(`${what}: ${fault ? 'too heavy' : 'left to the parser'}`, () => {
    const found = jsonFault(text, { maxValues: 100 });
    if (fault) assert.match(found ?? '', fault);
    else assert.equal(found, undefined);
  });
}

function count(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, child) => sum + count(child), 1);
}

test('a text that is read in steps has the same fault', () => {
  for (const [what, text] of cases) {
    const scan = new JsonScan(text, { maxValues: 100 });
    let found: string | undefined;
    for (let until = 0; found === undefined && until < text.length + 7; until += 7) {
      found = scan.read(Math.min(until, text.length));
    }
    assert.equal(found, jsonFault(text, { maxValues: 100 }), what);
  }
});

test('what is too heavy has more values, and what is not has hardly more', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 60 }), (value, limit) => {
      // What JSON.stringify writes, it reads back as JSON.
      const values = count(value as Json);
      const fault = jsonFault(JSON.stringify(value), { maxValues: limit });
      // Generated texts may be unfit for other reasons.
      if (fault !== undefined && !fault.includes('more than')) return;
      const isHeavy = fault !== undefined;
      // An empty object or list counts as if it held one value, so the count may be up to twice as high.
      if (isHeavy) assert.ok(values * 2 > limit);
      else assert.ok(values <= limit);
    }),
  );
});
