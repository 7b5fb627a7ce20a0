// Transactions that collide on PostgreSQL are tried again: the first time at once, then one after another.

/** How often a transaction is tried that collides with another (40001) or would wait in a circle (40P01). */
const ATTEMPTS = 12;
const PAUSE_MS = 4;

/**
 * Runs work again when it collides. Those of this process that have to try again do so in turn: if fifty that want the same
 * row came back together, all but one of them would collide once more. Work that did not collide never waits.
 */
export function createCollisionRetry(): <T>(work: () => Promise<T>) => Promise<T> {
  let lastInLine: Promise<unknown> = Promise.resolve();
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      if (!isCollision(error)) throw error;
    }
    const turn = lastInLine.then(() => tryAgain(work));
    lastInLine = turn.catch(() => undefined);
    return turn;
  };
}

async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 2; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isCollision(error)) throw error;
    }
    // Other nodes collide as well: a little longer each time, until they are out of step.
    await new Promise((resolve) => setTimeout(resolve, attempt * PAUSE_MS));
  }
}

function isCollision(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '40001' || code === '40P01';
}
