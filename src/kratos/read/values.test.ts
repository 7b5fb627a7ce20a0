import assert from 'node:assert/strict';
import { test } from 'node:test';
import { booleanAt, jsonAt, toMs, toTimeText } from './values.ts';

test('times of every database are the same moment', () => {
  const at = Date.UTC(2026, 10, 28, 4, 10, 1, 970);
  for (const text of [
    '2026-11-28 04:10:01.970578448+00:00',
    '2026-11-28 04:10:01.970578',
    '2026-11-28 04:10:01.97',
    '2026-11-28T04:10:01.970Z',
    '2026-11-28 05:10:01.97+01',
    '2026-11-28 03:40:01.97-0030',
  ])
    assert.equal(toMs(text), at, text);
  assert.equal(toMs('2026-11-28 04:10:01'), Date.UTC(2026, 10, 28, 4, 10, 1));
  for (const text of ['', 'yesterday', '0000-00-00 00:00:00', '2026-13-01 00:00:00', '2026-11-28'])
    assert.throws(() => toMs(text), /no time/, text);
  assert.equal(toTimeText(at), '2026-11-28 04:10:01');
});

test('booleans of every database', () => {
  for (const value of ['1', 't', 'true', 'TRUE']) assert.equal(booleanAt({ value }, 'value'), true, value);
  for (const value of ['0', 'f', 'false', '', null])
    assert.equal(booleanAt({ value }, 'value'), false, String(value));
});

test('an empty column of JSON is null', () => {
  assert.equal(jsonAt({ value: null }, 'value'), null);
  assert.equal(jsonAt({ value: 'null' }, 'value'), null);
  assert.deepEqual(jsonAt({ value: '[1]' }, 'value'), [1]);
  assert.throws(() => jsonAt({ value: '{' }, 'value'));
});
