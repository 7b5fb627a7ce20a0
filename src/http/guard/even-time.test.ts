import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEvenTime, type RealTime } from './even-time.ts';

const TURN_MS = 0.25;

/** Timers of this one are a millisecond early, as real ones may be. */
function createTime(): RealTime & { readonly work: (ms: number) => void } {
  let atMs = 1_000.375;
  return {
    nowMs: () => atMs,
    wait: async (ms) => {
      atMs += Math.floor(ms) - 1;
    },
    nextTurn: async () => {
      atMs += TURN_MS;
    },
    work: (ms) => {
      atMs += ms;
    },
  };
}

const CASES: readonly (readonly [stepMs: number, workMs: number, leavesAfterMs: number])[] = [
  [100, 0, 100],
  [100, 3, 100],
  [100, 3.4, 100],
  [100, 99.9, 100],
  [100, 100, 100],
  [100, 100.25, 200],
  [100, 731, 800],
  [0, 3, 3],
];

for (const [stepMs, workMs, leavesAfterMs] of CASES) {
  test(`work of ${workMs} ms leaves after ${leavesAfterMs} ms where a step has ${stepMs}`, async () => {
    const time = createTime();
    const cameAtMs = time.nowMs();
    const untilEven = createEvenTime(stepMs, time)();
    time.work(workMs);
    await untilEven();
    const tookMs = time.nowMs() - cameAtMs;
    // Never early, and late by no more than a turn of the event loop.
    assert.ok(tookMs >= leavesAfterMs && tookMs < leavesAfterMs + TURN_MS, String(tookMs));
  });
}
