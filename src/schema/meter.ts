// How much work may checking one value take? Counted in steps, so that the answer never depends on how busy the machine is.

/** More work than a value may cost. */
export class TooMuchWork extends Error {
  constructor() {
    super('checking the value takes more steps than are allowed');
  }
}

/** A step is a place of a pattern, an item, or sixteen characters of a text: 20 to 60 ns (measured). */
export interface Meter {
  /** Throws TooMuchWork where less is left. */
  readonly spend: (steps: number) => void;
  /** Runs the work with everything that there is to spend; inside other work of the same meter, with what is left of it. */
  readonly run: <T>(work: () => T) => T;
}

export function createMeter(limit: number): Meter {
  let left = limit;
  let isRunning = false;
  return {
    spend: (steps) => {
      left -= steps;
      if (left < 0) throw new TooMuchWork();
    },
    run: (work) => {
      if (isRunning) return work();
      isRunning = true;
      left = limit;
      try {
        return work();
      } finally {
        isRunning = false;
        left = limit;
      }
    },
  };
}

/** For schemas of our own code, whose work grows with the body alone. */
export const unlimited: Meter = { spend: () => undefined, run: (work) => work() };

/** What looking at a value once costs, members not included. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 1 + (value.length >> 4);
  if (typeof value !== 'object' || value === null) return 1;
  return 1 + (Array.isArray(value) ? value.length : Object.keys(value).length);
}
