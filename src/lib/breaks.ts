// Long work gives way now and then, so that nobody waits for it who has nothing to do with it.
import { setImmediate } from 'node:timers/promises';

/** Longer than most work, and too short for anybody to notice. */
const BUSY_MS = 10;

export interface Breaks {
  /** Lets other requests run where the last break is some time ago; else goes on at once. */
  readonly take: () => Promise<void>;
}

export function createBreaks(): Breaks {
  let since = performance.now();
  // Of several that take turns, each goes on in a turn of its own.
  let last: Promise<void> = Promise.resolve();
  return {
    take: () => {
      if (performance.now() - since < BUSY_MS) return Promise.resolve();
      last = last.then(async () => {
        await setImmediate();
        since = performance.now();
      });
      return last;
    },
  };
}
