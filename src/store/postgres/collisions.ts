// Transactions that collide on PostgreSQL are tried again: one after another, and in the end alone.

/** How often a transaction is tried that collides with another (40001) or would wait in a circle (40P01). */
const ATTEMPTS = 40;
/** From this attempt on nothing new begins until it is through: large transactions would meet somebody every time. */
const ALONE_FROM_ATTEMPT = 4;
const PAUSE_MS = 4;
const LONGEST_PAUSE = 12;

/**
 * Runs work again when it collides. Those of this process that have to try again do so in turn: if fifty that want the same
 * row came back together, all but one of them would collide once more. Work that did not collide does not wait for them,
 * unless one of them has to have the database to itself.
 */
export function createCollisionRetry(): <T>(work: () => Promise<T>) => Promise<T> {
  let lastInLine: Promise<unknown> = Promise.resolve();
  let alone: Promise<unknown> | undefined;

  async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 2; attempt < ALONE_FROM_ATTEMPT; attempt += 1) {
      const result = await attemptOnce(work);
      if (!result.isCollision) return result.value;
      await pause(attempt * PAUSE_MS);
    }
    const trying = tryAlone(work);
    alone = trying.catch(() => undefined);
    try {
      return await trying;
    } finally {
      alone = undefined;
    }
  }

  return async (work) => {
    while (alone) await alone;
    const first = await attemptOnce(work);
    if (!first.isCollision) return first.value;
    const turn = lastInLine.then(() => tryAgain(work));
    lastInLine = turn.catch(() => undefined);
    return turn;
  };
}

async function tryAlone<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = ALONE_FROM_ATTEMPT; attempt < ATTEMPTS; attempt += 1) {
    const result = await attemptOnce(work);
    if (!result.isCollision) return result.value;
    // Other nodes are still at work: a little longer each time, until they are out of step.
    await pause(Math.min(attempt, LONGEST_PAUSE) * PAUSE_MS);
  }
  return work();
}

type Result<T> = { readonly isCollision: false; readonly value: T } | { readonly isCollision: true };

async function attemptOnce<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { isCollision: false, value: await work() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === '40001' || code === '40P01') return { isCollision: true };
    throw error;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
