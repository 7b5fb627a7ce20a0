// One fetch for many callers, an old value rather than none, and peace for a service in trouble.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from './clock.ts';
import { createRefreshed } from './refreshed.ts';

function counted() {
  const clock = createTestClock(0);
  const state = { loads: 0, fails: false };
  const value = createRefreshed({
    clock,
    maxAgeMs: 1000,
    restMs: 100,
    load: async () => {
      state.loads += 1;
      if (state.fails) throw new Error('down');
      return state.loads;
    },
  });
  return { clock, state, value };
}

test('many callers at once share one fetch, and it is kept', async () => {
  const { clock, state, value } = counted();
  assert.deepEqual(await Promise.all([value.get(), value.get(), value.get()]), [1, 1, 1]);
  clock.advance(999);
  assert.equal(await value.get(), 1);
  clock.advance(1);
  assert.deepEqual(await Promise.all([value.get(), value.get()]), [2, 2]);
  assert.equal(state.loads, 2);
});

test('a value that cannot be fetched anew is still given out, and the service is left alone for a while', async () => {
  const { clock, state, value } = counted();
  await value.get();
  state.fails = true;
  clock.advance(1000);
  assert.equal(await value.get(), 1);
  assert.equal(await value.get(), 1);
  assert.equal(state.loads, 2);
  clock.advance(100);
  state.fails = false;
  assert.equal(await value.get(), 3);
});

test('a failure is remembered, so that not every caller waits for it', async () => {
  const { clock, state, value } = counted();
  state.fails = true;
  await assert.rejects(value.get(), /down/);
  await assert.rejects(value.get(), /down/);
  assert.equal(state.loads, 1);
  clock.advance(100);
  await assert.rejects(value.get(), /down/);
  assert.equal(state.loads, 2);
});

test('a renewal is made at once, and not again and again', async () => {
  const { clock, state, value } = counted();
  await value.get();
  assert.equal(await value.renew(), 2);
  assert.equal(await value.renew(), 2);
  clock.advance(100);
  assert.equal(await value.renew(), 3);
  assert.equal(state.loads, 3);
});
