// Removes what is over from a database without a server around it.
import { setTimeout as rest } from 'node:timers/promises';
import type { Database, SingleStores } from '../flow/store.ts';
import { systemClock } from '../lib/clock.ts';
import { createJanitor, databaseChores } from './janitor.ts';

/** What is kept for a time that the operator has set elsewhere, such as messages, is the server's own to remove. */
const KINDS: ReadonlySet<string> = new Set([
  'sessions',
  'parked',
  'unfinished flows',
  'flows',
  'one-time secrets',
]);

/** How much was removed, by kind. It closes the database. Throws what the database throws. */
export async function cleanUp(
  database: Pick<Database, 'close'> & { readonly stores: SingleStores },
  of: { readonly keepMs: number; readonly batchSize: number; readonly restMs: number },
): Promise<Readonly<Record<string, number>>> {
  const { keepMs, batchSize } = of;
  try {
    const chores = databaseChores(database, {
      ...{ sessions: keepMs, parked: keepMs, flows: keepMs, unfinishedFlows: keepMs, secrets: keepMs },
    }).filter(({ name }) => KINDS.has(name));
    let removed: Readonly<Record<string, number>> = {};
    for (const chore of chores) {
      let failure: unknown;
      const janitor = createJanitor({
        clock: systemClock,
        chores: [chore],
        batchSize,
        onFailure: (_name, error) => {
          failure = error;
        },
      });
      removed = { ...removed, [chore.name]: 0, ...(await janitor.sweep()) };
      await janitor.stop();
      if (failure !== undefined) throw failure;
      if (of.restMs > 0) await rest(of.restMs);
    }
    return removed;
  } finally {
    await database.close();
  }
}
