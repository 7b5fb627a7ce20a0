import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lookupForms, normaliseIdentifier } from './normalise.ts';
import { toE164 } from './phone.ts';

const TABLE: readonly (readonly [typed: string, normalised: string])[] = [
  ['Ada@Example.ORG', 'ada@example.org'],
  ['  ada@example.org\n', 'ada@example.org'],
  ['ａｄａ＠example.org', 'ada@example.org'],
  ['ad\u200Ba@example.org', 'ada@example.org'],
  ['\u202Eada\u2066', 'ada'],
  ['a\u0000d\u0007a', 'ada'],
  ['℡', 'tel'],
  ['İstanbul', 'i̇stanbul'],
  ['e\u0301', 'é'],
  ['John Doe', 'john doe'],
  ['+41 79 123 45 01', '+41791234501'],
  ['+41 (0)79 123-45-02', '+41791234502'],
  ['＋４１ 79 123 45 01', '+41791234501'],
  ['0041791234501', '0041791234501'],
  ['+12', '+12'],
  ['+not-a-number', '+not-a-number'],
  ['', ''],
];

test('spellings of one identifier become one', () => {
  for (const [typed, normalised] of TABLE)
    assert.equal(normaliseIdentifier(typed), normalised, JSON.stringify(typed));
});

test('normalising twice changes nothing more', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('K', 'ﬀ', 'ſ', 'İ', '\u0345', '+', '1'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, (typed) => {
      const once = normaliseIdentifier(typed);
      assert.equal(normaliseIdentifier(once), once);
    }),
    { numRuns: 500 },
  );
});

test('an identifier is looked up normalised first, then as typed', () => {
  assert.deepEqual(lookupForms(' Ada '), ['ada', ' Ada ']);
  assert.deepEqual(lookupForms('ada'), ['ada']);
  assert.deepEqual(lookupForms('+31 20 123 4567'), ['+31201234567', '+31 20 123 4567']);
  assert.deepEqual(lookupForms('\u200B'), ['\u200B']);
  assert.deepEqual(lookupForms(''), []);
});

test('only valid numbers with a country code are phone numbers', () => {
  for (const good of ['+31201234567', '+1 650 253 0000', ' +44 20 7946 0958 '])
    assert.match(toE164(good) ?? '', /^\+\d+$/);
  for (const bad of ['12', '123', '079 123 45 01', '+41791234501 or so', '+999123456789', '+'.repeat(50)]) {
    assert.equal(toE164(bad), undefined, bad);
  }
});
