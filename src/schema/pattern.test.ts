import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { createMeter, TooMuchWork } from './meter.ts';
import { compilePattern } from './pattern.ts';
import { PatternError } from './pattern-syntax.ts';

const TABLE: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['^[a-z0-9_]+$', ['ada_36', 'a'], ['', 'Not Allowed', 'ä', 'a\n']],
  ['^[A-Z]{2}[0-9]{2}$', ['AB12'], ['ab12', 'AB1', 'AB123']],
  ['b', ['abc'], ['ac']],
  ['^(foo|bar)?$', ['', 'foo', 'bar'], ['foobar', 'ba']],
  ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
  ['^a{2,}$', ['aa', 'aaaaaa'], ['a']],
  ['^a{0}b$', ['b'], ['ab']],
  ['^x{,2}$', ['x{,2}'], ['x']],
  ['^(?i)abc$', ['ABC', 'aBc'], ['abd']],
  ['^(?i:a)b$', ['Ab', 'ab'], ['aB']],
  ['(?m)^b$', ['a\nb\nc'], ['abc']],
  ['^(?s:.)$', ['\n'], ['ab']],
  ['^.$', ['😀', 'x'], ['\n', 'xx']],
  ['^\\w+@\\d+\\.\\S\\D$', ['a@1.xx'], ['a@1xxx']],
  ['^[\\w.-]+$', ['a.b-c'], ['a b']],
  ['^[-a]+$', ['-a-'], ['b']],
  ['^[^a-c]$', ['d', '-'], ['a', 'b']],
  ['^[]a]$', [']', 'a'], ['b']],
  ['^[[:alpha:]_]+$', ['aZ_'], ['1']],
  ['^\\p{Greek}\\pL$', ['αx'], ['xα']],
  ['^\\p{^L}\\PL$', ['12'], ['ab']],
  ['^\\x41\\x{1F600}$', ['A😀'], ['A']],
  ['^\\Qa.b\\E$', ['a.b'], ['axb']],
  ['\\Aab\\z', ['ab'], ['abc', 'cab']],
  ['\\bcat\\b', ['a cat.', 'cat'], ['concat']],
  ['^(?P<year>\\d{4})-(?:\\d\\d)$', ['2024-01'], ['2024-1']],
  ['^\\@\\-\\/$', ['@-/'], ['@']],
  ['^(a*)*$', ['', 'aaa'], ['b']],
  ['^(|a)+$', ['', 'aa'], ['b']],
  ['^a+?b*?$', ['aab'], ['ba']],
  // The Kelvin sign is a large k.
  ['^(?i)\\w$', ['k', '\u212a'], ['é']],
  ['^(?i)\\W$', ['é'], ['k', '\u212a']],
];

test('patterns match as in RE2', () => {
  for (const [source, yes, no] of TABLE) {
    const pattern = compilePattern(source);
    for (const text of yes)
      assert.equal(pattern.test(text), true, `${source} should match ${JSON.stringify(text)}`);
    for (const text of no)
      assert.equal(pattern.test(text), false, `${source} should not match ${JSON.stringify(text)}`);
  }
});

test('patterns that RE2 does not know, or that are too large, are refused with a reason', () => {
  const bad = [
    '(?=a)',
    '(?<!a)b',
    '(a',
    'a)',
    '[a',
    '*a',
    'a**',
    '\\1',
    '[z-a]',
    'a{2,1}',
    'a{1001}',
    '(?x)a',
  ];
  for (const source of [
    ...bad,
    '((a{1000}){1000}){1000}',
    'a'.repeat(3_000),
    '('.repeat(200),
    'a\\',
    '\\p{Nope}',
  ]) {
    assert.throws(() => compilePattern(source), PatternError, source);
  }
});

test('a pattern that makes backtracking engines hang takes linear time', () => {
  for (const source of ['^(a+)+$', '^(a|a)*$', '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@)$']) {
    assert.equal(compilePattern(source).test(`${'a'.repeat(20_000)}!`), false);
  }
});

/** Patterns from the whole of the syntax, not too large: RE2 itself limits repetitions of repetitions. */
const patternText: fc.Arbitrary<string> = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      ...[
        'a',
        'b',
        'K',
        'ß',
        'é',
        '.',
        '\\d',
        '\\W',
        '\\s',
        '\\S',
        '\\pL',
        '\\PN',
        '\\p{Greek}',
        '\\p{^Lu}',
        '\\p{Any}',
      ],
      ...[
        '[a-c]',
        '[^b]',
        '[\\d-]',
        '[^\\S]',
        '[[:^alpha:]x]',
        '[[:punct:]]',
        '[\\w.-]',
        '[]a]',
        '[\\x41-\\x{45}]',
      ],
      ...[
        '^',
        '$',
        '\\A',
        '\\z',
        '\\b',
        '\\B',
        '\\x41',
        '\\101',
        '\\07',
        '\\.',
        '\\Q.a\\E',
        '()',
        '(?i)k',
        '(?s).',
        '(?m)^',
      ],
    ),
    fc.tuple(tie('part'), tie('part')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('part'), tie('part')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('part'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?'))
      .map(([a, b]) => `(?:${a})${b}`),
    fc.tuple(tie('part'), fc.constantFrom('i', 's', 'm', '-i', 'im')).map(([a, flags]) => `(?${flags}:${a})`),
  ),
})).part;
const ALPHABET = [...'abcABCkK\u212aßẞéÉ129_-. \n\t@αΩ😀', '\u2028', 'ÿ'];

test('patterns of the whole syntax match what RE2 itself matches', () => {
  const text = fc.array(fc.constantFrom(...ALPHABET), { maxLength: 8 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(patternText, fc.array(text, { minLength: 4, maxLength: 12 }), (source, examples) => {
      const re2 = RE2JS.compile(source);
      const ours = compilePattern(source);
      for (const example of examples) {
        assert.equal(ours.test(example), re2.test(example), `${source} on ${JSON.stringify(example)}`);
      }
    }),
    { numRuns: 1500 },
  );
});

test('what RE2 refuses is refused, and what it takes is taken', () => {
  const text = fc
    .array(fc.constantFrom(...'ab^$.*+?{}[]()|\\-1,:=!<>pPQEdDiz_/'), { maxLength: 7 })
    .map((chars) => chars.join(''));
  const takes = (compile: (source: string) => unknown, source: string): boolean => {
    try {
      compile(source);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(text, (source) => {
      assert.equal(
        takes(compilePattern, source),
        takes((each) => RE2JS.compile(each), source),
        source,
      );
    }),
    { numRuns: 5000 },
  );
});

test('a pattern of nothing, repeated a thousand times a thousand times, is refused at once', () => {
  assert.throws(() => compilePattern('((((){1000}){1000}){1000})'), PatternError);
});

test('a pattern stops where there is no more to spend, whatever it is made of', () => {
  const letters = 'ab'.repeat(10_000);
  for (const source of [
    '(a|b)*a(a|b){500}$',
    '\\b(([ab]?){0,31}){0,31}\\b$',
    '((a{0,30}){0,30})$',
    '^(a|b|ab)*c$',
  ]) {
    let steps = 0;
    const meter = createMeter(100_000);
    const counting = {
      ...meter,
      spend: (more: number) => {
        steps += more;
        meter.spend(more);
      },
    };
    assert.throws(() => meter.run(() => compilePattern(source).test(letters, counting)), TooMuchWork, source);
    // The last place is paid for when it is left.
    assert.ok(steps < 130_000, `${source}: ${steps}`);
  }
});

test('a plain pattern on a text of a thousand letters costs next to nothing', () => {
  const meter = createMeter(10_000);
  assert.equal(
    meter.run(() => compilePattern('^.{1,1000}$').test('x'.repeat(1_000), meter)),
    true,
  );
});
