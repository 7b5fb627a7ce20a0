// Time as an argument: the only file that reads the machine's clock.
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

export interface TestClock extends Clock {
  advance(byMs: number): void;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** A clock that moves only when told to, so that tests never sleep. */
export function createTestClock(startMs: number): TestClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (byMs) => {
      nowMs += byMs;
    },
  };
}

let lastMs = Number.NaN;
let lastText = '';

/**
 * RFC 3339 in UTC, as every time in the protocol is written. The last one is remembered: an answer names the moment in which
 * something was created a dozen times, and printing it is the dearest part of some answers.
 */
export function toRfc3339(atMs: number): string {
  if (atMs !== lastMs) {
    lastText = new Date(atMs).toISOString();
    lastMs = atMs;
  }
  return lastText;
}
