import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FUNCTION_NAMES } from './functions.ts';
import { compileTemplate } from './template.ts';
import { TemplateError } from './template-error.ts';
import { fromJson, Struct } from './value.ts';

const MODEL = new Struct([
  ['RecoveryCode', '123456'],
  ['Identity', fromJson({ traits: { name: 'Ada', list: [1, 2] } })],
]);

function faultOf(source: string): TemplateError {
  try {
    compileTemplate({ name: 'mail.gotmpl', text: source }).text(MODEL);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  return assert.fail(`nothing was wrong with ${source.slice(0, 80)}`);
}

describe('a fault names its file, line and column, and what is wrong', () => {
  const TABLE: readonly (readonly [source: string, message: string])[] = [
    ['a\n  {{ .RecoveryCode', 'mail.gotmpl:2:3: this {{ has no }}'],
    ['{{ .A {{ .B }}', 'mail.gotmpl:1:1: this {{ has no }} before the next {{'],
    ['{{ if .A }}x', 'mail.gotmpl:1:4: {{ if }} has no {{ end }}'],
    ['{{ if .A }}{{ else }}{{ else }}{{ end }}', 'mail.gotmpl:1:25: there is an {{ else }} already'],
    ['{{ end }}', 'mail.gotmpl:1:4: {{ end }} has nothing to belong to'],
    ['{{ uper "a" }}', 'mail.gotmpl:1:4: there is no function "uper"; did you mean "upper"?'],
    ['x\n{{ $y }}', 'mail.gotmpl:2:4: the variable $y is not known here'],
    ['{{ "a }}', 'mail.gotmpl:1:4: this text has no closing "'],
    ['{{ "\\z" }}', 'mail.gotmpl:1:4: "\\z" has no meaning in a text'],
    ['{{ 12ab }}', 'mail.gotmpl:1:4: this is no number'],
    ['{{ /* x }}', 'mail.gotmpl:1:4: "/" has no meaning here'],
    ['{{/* x }}', 'mail.gotmpl:1:1: this comment has no end: write */}}'],
    ['{{ .A | }}', 'mail.gotmpl:1:9: a value is missing here'],
    ['{{ .A | .B }}', 'mail.gotmpl:1:9: what follows a | is a function'],
    ['{{ .A .B }}', 'mail.gotmpl:1:4: only a function takes values; this is none'],
    ['{{ (upper "a" }}', 'mail.gotmpl:1:4: this ( has no )'],
    ['{{ break }}', 'mail.gotmpl:1:4: {{ break }} stands outside of a range'],
    ['{{ template "nope" }}', 'mail.gotmpl:1:4: there is no template "nope"'],
    [
      '{{ .RecoverCode }}',
      'mail.gotmpl:1:4: there is no field .RecoverCode here; did you mean .RecoveryCode?',
    ],
    ['{{ .RecoveryCode.x }}', 'mail.gotmpl:1:4: there is no field "x" in a value of the kind string'],
    ['{{ index .Identity.traits.list 5 }}', 'mail.gotmpl:1:4: there is nothing at 5'],
    ['{{ upper .Identity.traits.list }}', 'mail.gotmpl:1:4: value 1 must be a text, but is a list'],
    ['{{ .Identity.traits.phone | upper }}', 'mail.gotmpl:1:29: value 1 must be a text, but is nothing'],
    ['{{ lt "a" 1 }}', 'mail.gotmpl:1:4: a text and a number have no order'],
    ['{{ div 1 0 }}', 'mail.gotmpl:1:4: nothing can be divided by 0'],
    ['{{ date "2006" "soon" }}', 'mail.gotmpl:1:4: "soon" is no time'],
    ['{{ fail "not today" }}', 'mail.gotmpl:1:4: not today'],
  ];
  for (const [source, message] of TABLE) {
    test(source.replaceAll('\n', '\\n'), () => assert.equal(faultOf(source).message, message));
  }
});

describe('a template that would never end, or fill the memory, is stopped', () => {
  for (const source of [
    '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
    '{{ range until 1000000000 }}x{{ end }}',
    '{{ range 1000000000 }}x{{ end }}',
    '{{ range until 5000 }}{{ range until 5000 }}x{{ end }}{{ end }}',
    '{{ repeat 1000000000 "x" }}',
    '{{ $x := repeat 20000 "xxxxxxxxxx" }}{{ range until 500 }}{{ $y := repeat 10 $x }}{{ end }}',
    '{{ $x := list }}{{ range until 30000 }}{{ $x = list $x }}{{ end }}{{ $x }}',
    '{{ $x := list }}{{ range until 30000 }}{{ $x = list $x }}{{ end }}{{ toJson $x }}',
    '{{ $x := "xxxxxxxxxx" }}{{ range until 100 }}{{ $x = print $x $x }}{{ end }}',
    '{{ $x := list 1 2 }}{{ range until 100 }}{{ $x = concat $x $x }}{{ end }}',
    '{{ $x := "aaaaaaaaaa" }}{{ range until 100 }}{{ $x = replace "a" "aaaaaaaaaa" $x }}{{ end }}',
    '{{ printf "%1000000d" 1 }}',
    '{{ indent 100000000 "a" }}',
    `{{ range until 2000 }}${'x'.repeat(1000)}{{ end }}`,
    '{{ if true }}'.repeat(5000) + '{{ end }}'.repeat(5000),
    `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`,
    `{{ define "d" }}${'{{ if true }}'.repeat(90)}{{ template "d" }}${'{{ end }}'.repeat(90)}{{ end }}{{ template "d" }}`,
  ]) {
    test(`${source.slice(0, 60)}…`, () => {
      const startedMs = performance.now();
      assert.match(
        faultOf(source).reason,
        /does too much|too long|too large|too deep|without end|writes too much|cannot be printed/,
      );
      assert.ok(performance.now() - startedMs < 5_000);
    });
  }
});

const PIECES = [
  ...[
    '{{',
    '}}',
    '{{-',
    '-}}',
    '{{/*',
    '*/}}',
    '(',
    ')',
    '|',
    ':=',
    '=',
    ',',
    '.',
    '$',
    '$x',
    '.A',
    '.Identity',
    '"a"',
    '`',
    "'a'",
  ],
  ...[
    'if',
    'else',
    'end',
    'range',
    'with',
    'define',
    'template',
    'block',
    'break',
    'nil',
    'true',
    '1',
    '-2',
    '0.5',
    '""',
    '\n',
    ' ',
    ' ',
  ],
  ...['<p title="', '">', '<script>', '<a href=', '<!--', '<style>', '\\'],
  ...FUNCTION_NAMES,
];

test('whatever is written, the answer is text or a TemplateError', () => {
  const source = fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string()), { maxLength: 25 })
    .map((parts) => parts.join(' '));
  fc.assert(fc.property(source, renders), { numRuns: 2_000 });
});

test('whatever a function is given, the answer is text or a TemplateError', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '.',
      '.Identity',
      '.Identity.traits.list',
      'nil',
      'true',
      '""',
      '(list)',
      '(dict)',
      '(list 1 "a" nil)',
      '-1',
      '1e300',
      '0.5',
      '4294967296',
    ),
    fc.string().map((text) => JSON.stringify(text).replaceAll('\\u', '\\\\u')),
    fc.integer().map(String),
  );
  const call = fc.tuple(fc.constantFrom(...FUNCTION_NAMES), fc.array(value, { maxLength: 4 }));
  fc.assert(
    fc.property(call, ([name, args]) => renders(`{{ ${name} ${args.join(' ')} }}`)),
    { numRuns: 5_000 },
  );
});

function renders(source: string): void {
  try {
    const template = compileTemplate({ name: 'any', text: source });
    template.text(MODEL);
    template.html(MODEL);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
  }
}
