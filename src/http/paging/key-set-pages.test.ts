import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer } from '../../lib/cipher.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { keySetLinks, readKeySetPage } from './key-set-pages.ts';

const rules = { defaultSize: 250, maxSize: 500, sealer: createSealer(['a secret'], 'page of things') };
const read = (query: string) => readKeySetPage(new URLSearchParams(query), rules);
const isRefused = (query: string) =>
  assert.throws(
    () => read(query),
    (error) => error instanceof ApiError && error.status === 400,
  );

const SIZES = [
  ['', 250],
  ['page_size=', 250],
  ['page_size=7', 7],
  ['page_size=%2B7', 7],
  ['page_size=0', 250],
  ['page_size=-3', 250],
  ['page_size=501', 500],
  ['page_size=99999999999999999999', 500],
  ['per_page=7', 7],
  ['per_page=7&page_size=8', 8],
] as const;
for (const [query, size] of SIZES) {
  test(`page size of "${query}"`, () => assert.equal(read(query).size, size));
}

for (const text of ['abc', '1e3', '2.5', '0x10', '7 ', '٣']) {
  test(`no page size: ${text}; in its older name it means the default`, () => {
    isRefused(`page_size=${encodeURIComponent(text)}`);
    assert.equal(read(`per_page=${encodeURIComponent(text)}`).size, 250);
  });
}

test('a token leads behind the key it was made of, and only in its own list', () => {
  const of = { path: '/things', query: new URLSearchParams('b=2&page=1&per_page=3&a=1') };
  const { Link } = keySetLinks(of, { size: 3, next: 'a key' }, rules);
  const [first, next] = Link.split(',').map((link) => new URL(link.slice(1, link.indexOf('>')), 'http://x'));
  assert.deepEqual([...(next?.searchParams.keys() ?? [])], ['a', 'b', 'page_size', 'page_token']);
  assert.equal(first?.pathname, '/things');
  assert.deepEqual(read(first?.search ?? ''), { size: 3, after: undefined });
  assert.deepEqual(read(next?.search ?? ''), { size: 3, after: 'a key' });
  const elsewhere = { ...rules, sealer: createSealer(['a secret'], 'page of others') };
  assert.throws(() => readKeySetPage(next?.searchParams ?? new URLSearchParams(), elsewhere));
});

test('the last page has no link to a next one', () => {
  const { Link } = keySetLinks(
    { path: '/things', query: new URLSearchParams() },
    { size: 3, next: undefined },
    rules,
  );
  assert.match(Link, /^<[^>,]+>; rel="first"$/);
});
