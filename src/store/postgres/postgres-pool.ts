// A pool as Kysely wants it, whose statements are prepared once for each connection and then only executed.
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';

/** Most statements that get a name: each connection of the server keeps the plans of all it has seen. */
const NAME_LIMIT = 100;
/** Statements with more parameters have lists of changing length and seldom come back in the same form. */
const PARAMETER_LIMIT = 16;

/**
 * Planning costs more than running most of these statements: with a name the server does it once. What comes back makes
 * pools over the same connections, one for each `onUse`, which may refuse by throwing. Ending the real pool stays the
 * business of who made it.
 */
export function createPreparingPools(
  pool: pg.Pool,
  onQuery: ((sql: string) => void) | undefined,
): (onUse: () => void) => PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (sql: string, parameterCount: number): string | undefined => {
    if (parameterCount === 0 || parameterCount > PARAMETER_LIMIT) return undefined;
    const known = names.get(sql);
    if (known !== undefined || names.size >= NAME_LIMIT) return known;
    const name = `bia_${names.size + 1}`;
    names.set(sql, name);
    return name;
  };
  return (onUse) => ({
    options: pool.options,
    end: () => Promise.resolve(),
    connect: async () => {
      onUse();
      const client = await pool.connect();
      // pg types rows as anything; they have the shape that the query selects.
      const query = <R>(text: string, parameters: readonly unknown[]) => {
        onQuery?.(text);
        const name = nameOf(text, parameters.length);
        const query = { text, values: [...parameters], ...(name === undefined ? {} : { name }) };
        return client.query(query) as Promise<unknown> as Promise<PostgresQueryResult<R>>;
      };
      // Kysely's type has a second form, for cursors, which only streaming uses.
      return { query: query as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) };
    },
  });
}
