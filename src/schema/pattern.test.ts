import assert from 'node:assert/strict';
import { test } from 'node:test';
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
