// A unique value that is taken -> IdentityConflict, from the words of either database.
import { IdentityConflict } from '../../identity/store.ts';

/** Runs a write; a violated unique rule of identities comes out as IdentityConflict, everything else as it is. */
export async function asConflict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const rule = violatedRule(error);
    if (rule === undefined) throw error;
    if (/identifier/.test(rule)) throw new IdentityConflict('identifier');
    if (/address/.test(rule)) throw new IdentityConflict('address');
    if (/external_id/.test(rule)) throw new IdentityConflict('external_id');
    throw error;
  }
}

/** SQLite names the columns in its text; PostgreSQL the constraint, under code 23505. */
function violatedRule(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message.startsWith('UNIQUE constraint failed: ')) return error.message;
  const details = error as Error & { readonly code?: unknown; readonly constraint?: unknown }; // fields that pg adds
  return details.code === '23505' && typeof details.constraint === 'string' ? details.constraint : undefined;
}
