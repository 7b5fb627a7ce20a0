import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../lib/json.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { Type } from '../../schema/typebox.ts';
import { shaped } from './json-body.ts';

const body = Type.Object({
  name: Type.String(),
  tags: Type.Optional(Type.Array(Type.Object({ word: Type.String() }))),
  byName: Type.Optional(Type.Record(Type.String(), Type.Object({ size: Type.Integer() }))),
  anything: Type.Optional(Type.Unsafe<Json>({})),
});

const refusal = (value: Json) => {
  try {
    return shaped(value, body, 'refused');
  } catch (error) {
    assert.ok(error instanceof ApiError && error.status === 400);
    return error.reason ?? error.message;
  }
};

test('what fits comes back, null counting as absent where it has no meaning of its own', () => {
  const sent = {
    name: 'x',
    tags: null,
    byName: { a: { size: 1 }, b: null },
    anything: null,
  };
  assert.deepEqual(refusal(sent), { name: 'x', byName: { a: { size: 1 } }, anything: null });
});

test('unknown keys are refused by name, or left where they are', () => {
  const table: readonly (readonly [sent: Json, key: string])[] = [
    [{ name: 'x', nmae: 'y' }, 'nmae'],
    [{ name: 'x', tags: [{ word: 'a' }, { word: 'b', x: 1 }] }, 'tags.1.x'],
    [{ name: 'x', byName: { a: { size: 1, x: 1 } } }, 'byName.a.x'],
    [{ name: 'x', toString: 1 }, 'toString'],
  ];
  for (const [sent, key] of table) {
    assert.match(String(refusal(sent)), new RegExp(`unknown key: ${key}$`));
    assert.deepEqual(shaped(sent, body, 'ignored'), sent);
  }
});

test('below what may be anything nothing is asked', () => {
  const sent = { name: 'x', anything: { a: null, b: [{ c: null }] } };
  assert.deepEqual(refusal(sent), sent);
});

const WRONG: readonly (readonly [sent: Json, at: RegExp])[] = [
  [{}, /^name: /],
  [{ name: null }, /^name: /],
  [{ name: 7 }, /^name: /],
  [{ name: 'x', tags: [null] }, /^tags\.0: /],
  [{ name: 'x', tags: 'x' }, /^tags: /],
  [{ name: 'x', byName: { a: { size: 1.5 } } }, /^byName\.a\.size: /],
  [[], /./],
  ['x', /./],
  [null, /./],
];
for (const [sent, at] of WRONG) {
  test(`refused: ${JSON.stringify(sent)}`, () => assert.match(String(refusal(sent)), at));
}
