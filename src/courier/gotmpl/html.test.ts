import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compileTemplate } from './template.ts';
import { TemplateError } from './template-error.ts';
import { fromJson } from './value.ts';

const html = (source: string, value: string | number | null): string =>
  compileTemplate({ name: 'main', text: source }).html(fromJson({ v: value }));

const TABLE: readonly (readonly [source: string, value: string | number | null, printed: string])[] = [
  // Between tags.
  ['<b>{{ .v }}</b>', 'Zoë <b>&"\'+', '<b>Zoë &lt;b&gt;&amp;&#34;&#39;&#43;</b>'],
  ['<p>{{ .v }}</p>', null, '<p></p>'],
  ['a < b {{ .v }}', '<i>', 'a < b &lt;i&gt;'],
  ['{{ .v | html }}', '<', '&amp;lt;'],
  ['<title>{{ .v }}</title>', '</title><script>', '<title>&lt;/title&gt;&lt;script&gt;</title>'],
  ['<!-- {{ .v }} --><p>{{ .v }}', '-->', '<!--  --><p>--&gt;'],
  // In attributes.
  ['<p title="{{ .v }}">', '" onclick="x', '<p title="&#34; onclick=&#34;x">'],
  ["<p title='{{ .v }}'>", "' x", "<p title='&#39; x'>"],
  ['<p title={{ .v }}>', 'a b><i>', '<p title=a&#32;b&#62;&#60;i&#62;>'],
  ['<p title={{ .v }}>', '', '<p title=ZgotmplZ>'],
  ['<p title="a > b" class="{{ .v }}">', '"', '<p title="a > b" class="&#34;">'],
  ['<p {{ if .v }}hidden{{ end }}>', 'x', '<p hidden>'],
  // Addresses.
  ['<a href="{{ .v }}">', 'https://x/?a=1&b=2#c', '<a href="https://x/?a=1&amp;b=2#c">'],
  ['<a href="{{ .v }}">', 'mailto:a@b.c', '<a href="mailto:a@b.c">'],
  ['<a href="{{ .v }}">', '/path', '<a href="/path">'],
  ['<a href="{{ .v }}">', 'javascript:alert(1)', '<a href="#ZgotmplZ">'],
  ['<a href="{{ .v }}">', ' \tJaVaScript:alert(1)', '<a href="#ZgotmplZ">'],
  ['<a href="{{ .v }}">', 'java\nscript:alert(1)', '<a href="#ZgotmplZ">'],
  ['<a href="{{ .v }}">', 'data:text/html,x', '<a href="#ZgotmplZ">'],
  ['<a href="java{{ .v }}">', 'script:alert(1)', '<a href="java#ZgotmplZ">'],
  ['<a href="javascript:{{ .v }}">', 'alert(1)', '<a href="javascript:#ZgotmplZ">'],
  ['<a href="https://x/?q={{ .v }}&r=1">', 'a b&c=d', '<a href="https://x/?q=a%20b%26c%3Dd&r=1">'],
  ['<a href="https://x/{{ .v }}">', 'a"b c', '<a href="https://x/a%22b%20c">'],
  ['<a href="{{ .v }}">', 'https://x/100%', '<a href="https://x/100%25">'],
  ['<img SRC={{ .v }}>', 'javascript:x', '<img SRC=#ZgotmplZ>'],
  ['<svg xlink:href="{{ .v }}">', 'javascript:x', '<svg xlink:href="#ZgotmplZ">'],
  ['<p data-url="{{ .v }}">', 'javascript:x', '<p data-url="#ZgotmplZ">'],
  // Styles.
  ['<p style="color:{{ .v }}">', '#0b57d0', '<p style="color:#0b57d0">'],
  ['<p style="color:{{ .v }}">', 'red;background:url(//x)', '<p style="color:ZgotmplZ">'],
  ['<style>a{color:{{ .v }}}</style>', 'red}</style><script>', '<style>a{color:ZgotmplZ}</style>'],
  ['<style>a{width:{{ .v }}px}</style><b>{{ .v }}</b>', 12, '<style>a{width:12px}</style><b>12</b>'],
];

for (const [source, value, printed] of TABLE) {
  test(`${JSON.stringify(value)} in ${source} is ${printed}`, () =>
    assert.equal(html(source, value), printed));
}

describe('a place where no value can be judged is refused, whatever the value', () => {
  for (const source of [
    '<script>{{ .v }}</script>',
    '<SCRIPT type="application/ld+json">"{{ .v }}"</SCRIPT>',
    '<p onclick="{{ .v }}">',
    '<iframe srcdoc="{{ .v }}">',
    '<img srcset="{{ .v }}">',
    '<meta http-equiv="refresh" content="{{ .v }}">',
    '<{{ .v }}>',
    '</{{ .v }}>',
    '<p {{ .v }}>',
    '<p {{ .v }}="x">',
    '<p a{{ .v }}="x">',
    '<p a {{ .v }}>',
    '<!doctype {{ .v }}>',
    '<h{{ .v }}>',
  ]) {
    test(source, () => {
      assert.throws(
        () => html(source, 'x'),
        (error) => error instanceof TemplateError && error.isCertain,
      );
    });
  }
});

test('text that looks like a tag inside of a raw element is none', () => {
  assert.equal(
    html('<style>a::after{content:"<p title="}</style><b>{{ .v }}</b>', '"'),
    '<style>a::after{content:"<p title="}</style><b>&#34;</b>',
  );
  assert.equal(html('<textarea></text></textarea ><i>{{ .v }}', '<'), '<textarea></text></textarea ><i>&lt;');
});

test('no value opens or closes anything, in any place that takes values', () => {
  const places = [
    '<p>{{ .v }}</p>',
    '<p title="{{ .v }}">x</p>',
    '<a href="{{ .v }}">x</a>',
    '<p style="color:{{ .v }}">x</p>',
    '<title>{{ .v }}</title>',
  ];
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...places), (value, place) => {
      const [before = '', after = ''] = place.split('{{ .v }}');
      const made = html(place, value);
      const inside = made.slice(before.length, made.length - after.length);
      assert.ok(made.startsWith(before) && made.endsWith(after));
      assert.doesNotMatch(inside, /[<>"']/);
    }),
  );
});
