// A write for somebody who was deleted at the same moment -> a refusal, from the words of either database.
import { accountGone } from '../protocol/refusals.ts';

/** Runs a write; a row whose owner is not there comes out as a refusal, everything else as it is. */
export async function refusingOrphans<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOrphan(error) ? accountGone(error) : error;
  }
}

/** SQLite says it in its text; PostgreSQL by code 23503. */
function isOrphan(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { readonly code?: unknown }; // a field that pg adds
  return code === '23503' || error.message.startsWith('FOREIGN KEY constraint failed');
}
