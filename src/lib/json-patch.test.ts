import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from './json.ts';
import { applyPatch, parsePatch } from './json-patch.ts';

function patched(document: JsonObject, patch: Json): Json {
  const operations = parsePatch(patch);
  assert.ok(operations.ok, operations.ok ? '' : operations.reason);
  const result = applyPatch(document, operations.value);
  return result.ok ? result.value : result.reason;
}

const CHANGES: readonly (readonly [name: string, before: JsonObject, patch: Json, after: JsonObject])[] = [
  ['add sets a member', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['replace of a missing member adds it', {}, [{ op: 'replace', path: '/b', value: 2 }], { b: 2 }],
  [
    'missing parents are made',
    {},
    [{ op: 'replace', path: '/a/b/c', value: true }],
    { a: { b: { c: true } } },
  ],
  ['null counts as a missing parent', { a: null }, [{ op: 'add', path: '/a/b', value: 1 }], { a: { b: 1 } }],
  ['a list is made for its end', {}, [{ op: 'add', path: '/a/-', value: 1 }], { a: [1] }],
  ['add inserts into a list', { a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
  ['replace in a list replaces', { a: [1, 3] }, [{ op: 'replace', path: '/a/1', value: 2 }], { a: [1, 2] }],
  ['remove takes out of a list', { a: [1, 2] }, [{ op: 'remove', path: '/a/0' }], { a: [2] }],
  ['remove takes a member away', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
  ['escapes are decoded', {}, [{ op: 'add', path: '/a~1b~0c', value: 1 }], { 'a/b~c': 1 }],
  [
    'a member may be called like one of all objects',
    {},
    [{ op: 'add', path: '/toString', value: 1 }],
    { toString: 1 },
  ],
];
for (const [name, before, patch, after] of CHANGES) {
  test(name, () => assert.deepEqual(patched(before, patch), after));
}

const IMPOSSIBLE: readonly (readonly [name: string, before: JsonObject, patch: Json])[] = [
  ['removing what is not there', {}, [{ op: 'remove', path: '/a' }]],
  ['removing what all objects have', {}, [{ op: 'remove', path: '/toString' }]],
  ['replacing behind the end of a list', { a: [] }, [{ op: 'replace', path: '/a/0', value: 1 }]],
  ['adding behind the end of a list', { a: [] }, [{ op: 'add', path: '/a/7', value: 1 }]],
  ['adding to a text', { a: 'x' }, [{ op: 'add', path: '/a/b', value: 1 }]],
  ['a name in a list', { a: [1] }, [{ op: 'add', path: '/a/b', value: 1 }]],
  ['replacing the end of a list', { a: [1] }, [{ op: 'replace', path: '/a/-', value: 1 }]],
  [
    'moving long lists again and again',
    { a: Array.from({ length: 20_000 }, () => 1) },
    Array.from({ length: 1_000 }, () => ({ op: 'add', path: '/a/0', value: 1 })),
  ],
  ['a parent inside a list that is not there', { a: [] }, [{ op: 'add', path: '/a/0/b', value: 1 }]],
];
for (const [name, before, patch] of IMPOSSIBLE) {
  test(`cannot be applied: ${name}`, () => assert.match(String(patched(before, patch)), /^Operation \d+ \(/));
}

test('a patch that fails half-way leaves the document as it was', () => {
  const before = { a: { b: 1 } };
  const operations = parsePatch([
    { op: 'add', path: '/a/c', value: 2 },
    { op: 'remove', path: '/x' },
  ]);
  assert.ok(operations.ok);
  assert.equal(applyPatch(before, operations.value).ok, false);
  assert.deepEqual(before, { a: { b: 1 } });
});

test('a value that is used twice stays two values', () => {
  const value = { list: [] };
  const patch = ['/a', '/b'].map((path) => ({ op: 'add', path, value }));
  assert.deepEqual(patched({}, [...patch, { op: 'add', path: '/a/list/-', value: 1 }]), {
    a: { list: [1] },
    b: { list: [] },
  });
});

const NO_PATCHES: readonly Json[] = [
  null,
  {},
  'x',
  [null],
  [{ op: 'move', from: '/a', path: '/b' }],
  [{ op: 'copy', from: '/a', path: '/b' }],
  [{ op: 'test', path: '/a', value: 1 }],
  [{ op: 'add', path: '/a' }],
  [{ op: 'add', value: 1 }],
  [{ op: 'add', path: 'a', value: 1 }],
  [{ op: 'add', path: '/a~2', value: 1 }],
  [{ op: 'replace', path: '', value: {} }],
  [{ op: 'add', path: '/a/__proto__/b', value: 1 }],
  [{ op: 'add', path: '/a'.repeat(65), value: 1 }],
  Array.from({ length: 1_001 }, () => ({ op: 'remove', path: '/a' })),
];
for (const patch of NO_PATCHES) {
  test(`no patch: ${JSON.stringify(patch).slice(0, 60)}`, () => assert.equal(parsePatch(patch).ok, false));
}

test('one patch after the other does not make a document deeper without end', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(120)}1${'}'.repeat(120)}`);
  for (const [depth, isTaken] of [
    [7, true],
    [20, false],
  ] as const) {
    const operations = parsePatch([{ op: 'add', path: '/b'.repeat(depth), value: deep }]);
    assert.ok(operations.ok);
    assert.equal(applyPatch({}, operations.value).ok, isTaken, String(depth));
  }
});

test('nothing reaches what all objects share', () => {
  const operations = parsePatch([{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]);
  assert.ok(operations.ok);
  applyPatch({}, operations.value);
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});
