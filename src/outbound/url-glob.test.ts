import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileUrlGlob } from './url-glob.ts';

const TABLE = [
  ['http://127.0.0.1:4000/hook', 'http://127.0.0.1:4000/hook', true],
  ['http://127.0.0.1:4000/hook', 'http://127.0.0.1:4000/hook?a=1#b', true],
  ['http://127.0.0.1:4000/hook', 'http://127.0.0.1:4000/hook/other', false],
  ['http://127.0.0.1:4000/hook', 'http://127.0.0.1:4001/hook', false],
  ['https://*.example.org/a', 'https://api.example.org/a', true],
  ['https://*.example.org/a', 'https://API.EXAMPLE.ORG:443/x/../a', true],
  ['https://*.example.org/a', 'https://one.two.example.org/a', false],
  ['https://*.example.org/a', 'https://evil.test/.example.org/a', false],
  ['https://example.org/*/b', 'https://example.org/x/b', true],
  ['https://example.org/*/b', 'https://example.org/x/y/b', false],
  ['https://example.org/**', 'https://example.org/x/y.z/b', true],
  ['https://example.org/**', 'https://example.org.evil.test/', false],
  ['https://example.org/**', 'https://user@example.org/x', false],
  ['https://{a,b}.example.org/', 'https://b.example.org/', true],
  ['https://{a,b}.example.org/', 'https://c.example.org/', false],
  ['https://h?st.test/', 'https://host.test/', true],
  ['https://host.test/a+b', 'https://host.test/a+b', true],
  ['https://host.test/a.b', 'https://host.test/axb', false],
  ['https://host.test/', 'not a url', false],
] as const;

for (const [pattern, url, expected] of TABLE) {
  test(`${pattern} ${expected ? 'fits' : 'does not fit'} ${url}`, () => {
    assert.equal(compileUrlGlob(pattern)(url), expected);
  });
}

test('an unfinished pattern is refused when it is read', () => {
  assert.throws(() => compileUrlGlob('https://{a,b.example.org/'), SyntaxError);
});
