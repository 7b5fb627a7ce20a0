// Services that hang or are down are left alone for a while, and the others are not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTargets } from './targets.ts';

test('no more than so many calls are on their way to one service', () => {
  const targets = createTargets(2);
  targets.started('a');
  assert.deepEqual(targets.busy(0), []);
  targets.started('a');
  targets.started('b');
  assert.deepEqual(targets.busy(0), ['a']);
  targets.ended('a', { isDelivered: true, nowMs: 0 });
  assert.deepEqual(targets.busy(0), []);
});

test('a service that only fails rests longer and longer, up to a minute, and is trusted again at once', () => {
  const targets = createTargets(8);
  const fail = (nowMs: number): void => {
    targets.started('a');
    targets.ended('a', { isDelivered: false, nowMs });
  };
  for (let n = 0; n < 4; n += 1) fail(0);
  assert.deepEqual(targets.busy(0), [], 'four failures are bad luck');
  fail(0);
  assert.deepEqual([targets.busy(999), targets.busy(1_000)], [['a'], []]);
  for (let n = 0; n < 50; n += 1) fail(0);
  assert.deepEqual([targets.busy(59_999), targets.busy(60_000)], [['a'], []]);
  targets.started('a');
  targets.ended('a', { isDelivered: true, nowMs: 0 });
  assert.deepEqual(targets.busy(0), []);
});
