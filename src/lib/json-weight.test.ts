import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from './json.ts';
import { jsonWeightFault } from './json-weight.ts';

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
];

for (const [what, text, fault] of cases) {
  test(`${what}: ${fault ? 'too heavy' : 'left to the parser'}`, () => {
    const found = jsonWeightFault(text, 100);
    if (fault) assert.match(found ?? '', fault);
    else assert.equal(found, undefined);
  });
}

function count(value: Json | undefined): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, child) => sum + count(child), 1);
}

test('what is too heavy has more values, and what is not has hardly more', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 1, max: 60 }), (value, limit) => {
      // What JSON.stringify writes, it reads back as JSON.
      const values = count(value as Json);
      const isHeavy = jsonWeightFault(JSON.stringify(value), limit) !== undefined;
      // An empty object or list counts as if it held one value, so the count may be up to twice as high.
      if (isHeavy) assert.ok(values * 2 > limit);
      else assert.ok(values <= limit);
    }),
  );
});
