// A transaction that counts for one of several who try: the others leave no trace.
import type { Database, Stores } from '../store.ts';

class Lost extends Error {}

/** True where `work` answered true and was stored. Where it answers false everything it wrote is rolled back. */
export async function onlyOnce(
  database: Database,
  work: (stores: Stores) => Promise<boolean>,
): Promise<boolean> {
  try {
    await database.transaction(async (stores) => {
      if (!(await work(stores))) throw new Lost();
    });
    return true;
  } catch (error) {
    if (error instanceof Lost) return false;
    throw error;
  }
}
