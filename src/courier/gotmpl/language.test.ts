import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../lib/json.ts';
import { compileTemplate } from './template.ts';
import { fromJson } from './value.ts';

const MODEL: Json = {
  To: 'alice@example.org',
  Minutes: 15,
  Zero: 0,
  No: false,
  Nothing: null,
  Empty: [],
  Names: ['ada', 'bob'],
  Traits: { name: { first: 'Ada' }, b: 2, a: 1 },
  Half: 0.5,
};

const text = (source: string, model: Json = MODEL): string =>
  compileTemplate({ name: 'main', text: source }).text(fromJson(model));

const TABLE: readonly (readonly [source: string, printed: string])[] = [
  // Text and trimming.
  ['plain', 'plain'],
  ['', ''],
  ['a {{- 1 -}} b', 'a1b'],
  ['a \n{{- /* said to nobody */ -}}\n b', 'ab'],
  ['a {{/* }} */}} b', 'a  b'],
  ['{{- 3 }}', '3'],
  ['{{-3}}', '-3'],
  ['} }} }', '} }} }'],
  // Fields, and what is not there.
  ['{{ .To }}', 'alice@example.org'],
  ['{{ .Traits.name.first }}', 'Ada'],
  ['{{ .Traits.name.last }}', '<no value>'],
  ['{{ .Traits.phone.number.digits }}', '<no value>'],
  ['{{ .Nothing }}', '<no value>'],
  ['{{ (.Traits.name).first }}', 'Ada'],
  ['{{ (index .Traits "name").first }}', 'Ada'],
  ['{{ .Traits }}', 'map[a:1 b:2 name:map[first:Ada]]'],
  ['{{ .Names }}', '[ada bob]'],
  ['{{ .Half }} {{ .No }} {{ .Zero }}', '0.5 false 0'],
  // Values that are written out.
  ['{{ "a\\tb\\u00e9\\"" }} {{ `raw \\n` }}', 'a\tbé" raw \\n'],
  ["{{ 'a' }} {{ 0x10 }} {{ 017 }} {{ 1_000 }} {{ 1.5 }} {{ true }}", '97 16 15 1000 1.5 true'],
  ['{{ 0.00001 }} {{ 1e21 }}', '1e-05 1e+21'],
  // Variables.
  ['{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}', '12'],
  ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}', '2'],
  ['{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}', '21'],
  ['{{ with .Traits }}{{ $.To }}{{ end }}', 'alice@example.org'],
  // Branches.
  ['{{ if .To }}a{{ else }}b{{ end }}', 'a'],
  ['{{ if .Zero }}a{{ else if .No }}b{{ else if .Empty }}c{{ else }}d{{ end }}', 'd'],
  ['{{ with .Traits.name }}{{ .first }}{{ else }}nobody{{ end }}', 'Ada'],
  ['{{ with .Nothing }}x{{ else with .To }}{{ . }}{{ end }}', 'alice@example.org'],
  ['{{ with $n := .Names }}{{ len $n }}{{ end }}', '2'],
  // Loops.
  ['{{ range .Names }}<{{ . }}>{{ end }}', '<ada><bob>'],
  ['{{ range $i, $n := .Names }}{{ $i }}={{ $n }};{{ end }}', '0=ada;1=bob;'],
  ['{{ range $key, $value := .Traits }}{{ $key }} {{ end }}', 'a b name '],
  ['{{ range .Empty }}x{{ else }}none{{ end }}', 'none'],
  ['{{ range 3 }}{{ . }}{{ end }}', '012'],
  [
    '{{ range until 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}',
    '02',
  ],
  // Templates.
  ['{{ define "hi" }}Hi {{ . }}{{ end }}{{ template "hi" .To }}', 'Hi alice@example.org'],
  ['{{ block "b" .Names }}{{ len . }}{{ end }}', '2'],
  ['{{ define "x" }}{{ . }}{{ end }}{{ template "x" }}', '<no value>'],
  // Pipelines and what decides early.
  ['{{ .To | upper | printf "%s!" }}', 'ALICE@EXAMPLE.ORG!'],
  ['{{ printf "%d %s" 1 ("a" | upper) }}', '1 A'],
  ['{{ or .Nothing .Zero "c" }} {{ and 1 0 (index .Names 9) }}', 'c 0'],
  ['{{ if and .To (not .No) }}yes{{ end }}', 'yes'],
  // Functions of Go.
  [
    '{{ eq 1 2 3 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ ge "b" "a" }} {{ le 2 2 }} {{ gt 1 2 }}',
    'true true true true true false',
  ],
  ['{{ len "zoë" }} {{ len .Traits }} {{ index .Names 1 }} {{ slice "abc" 1 2 }}', '4 3 bob b'],
  ['{{ print 1 2 "a" 3 }}|{{ println "a" 1 }}', '1 2a3|a 1\n'],
  [
    '{{ printf "%5.2f|%-4d|%04d|%q|%v|%x|%%|%t" 3.14159 7 -7 "a\\"b" .Names "hi" true }}',
    ' 3.14|7   |-007|"a\\"b"|[ada bob]|6869|%|true',
  ],
  [
    '{{ printf "%d" "a" }} {{ printf "%s" }} {{ printf "x" 1 }}',
    '%!d(string=a) %!s(MISSING) x%!(EXTRA int=1)',
  ],
  [
    '{{ html "<a&\\"b\\">" }} {{ urlquery "a b&c" }} {{ js "it\'s <b>" }}',
    "&lt;a&amp;&#34;b&#34;&gt; a+b%26c it\\'s \\u003Cb\\u003E",
  ],
];

for (const [source, printed] of TABLE) {
  test(`${source.slice(0, 70).replaceAll('\n', '\\n')} prints what Go prints`, () =>
    assert.equal(text(source), printed));
}

test('files that are parsed together can call each other, and of two definitions the last counts', () => {
  const template = compileTemplate({ name: 'a', text: '{{ template "b" . }} {{ template "c" }}' }, [
    { name: 'b', text: 'b of {{ .To }}{{ define "c" }}first{{ end }}' },
    { name: 'd', text: '{{ define "c" }}last{{ end }}' },
  ]);
  assert.equal(template.text(fromJson(MODEL)), 'b of alice@example.org last');
});
