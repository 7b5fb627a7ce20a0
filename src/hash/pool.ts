// A bounded number of hashes at once, and a bounded queue behind it: a flood of sign-ins costs neither memory nor the event loop.
import { availableParallelism } from 'node:os';
import { ApiError } from '../protocol/api-error.ts';

export interface HashPool {
  /** Runs a hash when a place is free. Throws 503 with Retry-After where the queue is full. */
  run<T>(hash: () => Promise<T>): Promise<T>;
  /** Hashes that run and that wait at this moment. */
  state(): { readonly running: number; readonly waiting: number };
}

export interface HashPoolOptions {
  /** Hashes at the same time; default: one for each core. */
  readonly concurrency?: number;
  /** Hashes that may wait; default: 64 for each place. */
  readonly queueLength?: number;
}

export function createHashPool(options: HashPoolOptions = {}): HashPool {
  const concurrency = options.concurrency ?? availableParallelism();
  const queueLength = options.queueLength ?? concurrency * 64;
  const waiting: (() => void)[] = [];
  let running = 0;

  return {
    state: () => ({ running, waiting: waiting.length }),
    run: async (hash) => {
      if (running >= concurrency) {
        if (waiting.length >= queueLength) throw busy();
        // The place is handed over by whoever finishes, so `running` does not change while it moves on.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        running += 1;
      }
      try {
        return await hash();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}

function busy(): ApiError {
  return new ApiError({
    status: 503,
    reason: 'Too many people sign in at this moment. Please try again in a few seconds.',
    headers: { 'Retry-After': '2' },
  });
}
