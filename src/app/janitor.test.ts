import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../lib/clock.ts';
import { type Chore, createJanitor } from './janitor.ts';

const NOW_MS = 1_000_000;

/** A chore over times of things; deletes for real. */
function choreOf(name: string, keepMs: number, times: number[]): Chore & { readonly batches: number[] } {
  const batches: number[] = [];
  return {
    name,
    keepMs,
    batches,
    deleteBefore: async (beforeMs, limit) => {
      const old = times.filter((atMs) => atMs < beforeMs).slice(0, limit);
      for (const atMs of old) times.splice(times.indexOf(atMs), 1);
      batches.push(old.length);
      return old.length;
    },
  };
}

test('things are removed once they are older than they are kept, in bounded batches', async () => {
  const clock = createTestClock(NOW_MS);
  const times = [...new Array<number>(25).fill(NOW_MS - 101), NOW_MS - 100, NOW_MS];
  const chore = choreOf('flows', 100, times);
  const swept: unknown[] = [];
  const janitor = createJanitor({
    clock,
    chores: [chore],
    batchSize: 10,
    pauseMs: 0,
    onSwept: (of) => swept.push(of),
  });
  assert.deepEqual(await janitor.sweep(), { flows: 25 });
  assert.deepEqual(chore.batches, [10, 10, 5, 0]);
  assert.deepEqual(times, [NOW_MS - 100, NOW_MS]);
  clock.advance(1);
  assert.deepEqual(await janitor.sweep(), { flows: 1 });
  assert.deepEqual(await janitor.sweep(), {});
  assert.deepEqual(swept, [{ flows: 25 }, { flows: 1 }]);
  await janitor.stop();
});

test('a chore that fails is reported and does not keep the others from theirs', async () => {
  const failures: string[] = [];
  const broken: Chore = { name: 'broken', keepMs: 0, deleteBefore: () => Promise.reject(new Error('away')) };
  const janitor = createJanitor({
    clock: createTestClock(NOW_MS),
    chores: [broken, choreOf('errors', 0, [1, 2])],
    pauseMs: 0,
    onFailure: (chore) => failures.push(chore),
  });
  assert.deepEqual(await janitor.sweep(), { errors: 2 });
  assert.deepEqual(failures, ['broken']);
  await janitor.stop();
});

test('one sweep runs at a time', async () => {
  const chore = choreOf('flows', 0, [1, 2, 3]);
  const janitor = createJanitor({
    clock: createTestClock(NOW_MS),
    chores: [chore],
    batchSize: 10,
    pauseMs: 0,
  });
  const [first, second] = await Promise.all([janitor.sweep(), janitor.sweep()]);
  assert.equal(first, second);
  assert.deepEqual(chore.batches, [3, 0]);
  await janitor.stop();
});

test('stopping ends a sweep after its batch, also while it rests', async () => {
  const chore = choreOf('flows', 0, new Array<number>(100).fill(1));
  const janitor = createJanitor({
    clock: createTestClock(NOW_MS),
    chores: [chore, choreOf('errors', 0, [1])],
    batchSize: 10,
    pauseMs: 3_600_000,
  });
  const sweep = janitor.sweep();
  await janitor.stop();
  assert.deepEqual(await sweep, { flows: 10 });
});

test('stopping wakes a sweep that rests already', async () => {
  let wake = (): void => {};
  const rested = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const chore: Chore = {
    name: 'flows',
    keepMs: 0,
    deleteBefore: async (_beforeMs, limit) => {
      setImmediate(wake); // runs when the rest has begun
      return limit;
    },
  };
  const clock = createTestClock(NOW_MS);
  const janitor = createJanitor({ clock, chores: [chore], batchSize: 10, pauseMs: 3_600_000 });
  const sweep = janitor.sweep();
  await rested;
  await janitor.stop();
  assert.deepEqual(await sweep, { flows: 10 });
});
