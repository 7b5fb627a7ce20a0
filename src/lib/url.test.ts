import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBoundedWildcard, resolveReturnTo, withQuery } from './url.ts';

const allowed = [
  'https://app.example.org/app',
  'https://www.example.org',
  'https://*.wild.example.org',
  'https://*.com',
  'exampleapp://callback',
  '/local',
];
const check = (candidate: string) =>
  resolveReturnTo({ candidate, defaultUrl: 'https://ui.example.org/', allowed });

for (const candidate of [
  'https://app.example.org/app',
  'https://app.example.org/app/',
  'https://app.example.org/app/deep?x=1#y',
  'HTTPS://APP.EXAMPLE.ORG/app',
  'https://www.example.org/',
  'https://a.wild.example.org/x',
  'https://a.b.wild.example.org',
  'exampleapp://callback',
  '/local/page',
]) {
  test(`${candidate} is allowed`, () => assert.equal(check(candidate).ok, true));
}

for (const candidate of [
  'https://app.example.org/application',
  'https://app.example.org/app/../admin',
  'https://app.example.org/app/%2e%2e/admin',
  'https://app.example.org/app/..%2fadmin',
  'https://user@app.example.org/app',
  'https://app.example.org@evil.example/app',
  'https://app.example.org:8443/app',
  'http://app.example.org/app',
  'https://evil.example/',
  'https://wild.example.org/',
  'https://evilwild.example.org/',
  'https://evil.com/',
  '//evil.example/x',
  'https:\\\\evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'https://app.example.org/app\n',
  'exampleapp://other',
]) {
  test(`${JSON.stringify(candidate)} is refused`, () => assert.equal(check(candidate).ok, false));
}

test('a relative address is completed from the default', () =>
  assert.deepEqual(check('/local?x=1'), { ok: true, url: 'https://ui.example.org/local?x=1' }));

for (const [rest, bounded] of [
  ['example.org', true],
  ['org', false],
  ['co.uk', false],
  ['example.co.uk', true],
  ['', false],
] as const) {
  test(`*.${rest} is ${bounded ? '' : 'not '}bounded`, () => assert.equal(isBoundedWildcard(rest), bounded));
}

test('query parameters are added to what an address has', () =>
  assert.equal(
    withQuery('https://x.example/p?a=1', { flow: 'f', none: undefined }),
    'https://x.example/p?a=1&flow=f',
  ));
