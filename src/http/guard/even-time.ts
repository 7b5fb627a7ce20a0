// Answers at even times: whether the work behind them took one millisecond or two is not to be seen from outside.
import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** Begins with a request; the function that comes back waits until the answer may leave. */
export type EvenTime = () => () => Promise<void>;

/** Time as it really passes, which is what can be seen from outside. */
export interface RealTime {
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
  /** As short a wait as there is. */
  readonly nextTurn: () => Promise<unknown>;
}

const REAL_TIME: RealTime = {
  nowMs: () => performance.now(),
  wait: (ms) => setTimeout(ms),
  nextTurn: () => setImmediate(),
};

/** A timer of Node is as exact as this; what is left is waited for turn by turn of the event loop. */
const TIMER_INACCURACY_MS = 2;

/**
 * Known and unknown accounts do the same work, but not to the microsecond: one has a row to read that the other has not, and
 * statistics over many requests see that. Answers therefore leave when a whole number of steps has passed since their request
 * came. A step has to be longer than the work usually is; 0 turns it off.
 */
export function createEvenTime(stepMs: number, { nowMs, wait, nextTurn }: RealTime = REAL_TIME): EvenTime {
  if (stepMs <= 0) return () => () => Promise.resolve();
  return () => {
    const cameAtMs = nowMs();
    return async () => {
      const stepCount = Math.max(1, Math.ceil((nowMs() - cameAtMs) / stepMs));
      const leavesAtMs = cameAtMs + stepCount * stepMs;
      const restMs = leavesAtMs - nowMs() - TIMER_INACCURACY_MS;
      if (restMs > 0) await wait(restMs);
      while (nowMs() < leavesAtMs) await nextTurn();
    };
  };
}
