// A pool as Kysely wants it, whose statements are prepared once for each connection and then only executed.
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import type { Statement } from '../handle.ts';
import { isUnavailable, markPostgresError } from '../unavailable.ts';
import type { Pulse } from './pulse.ts';

/** Most statements that get a name: each connection of the server keeps the plans of all it has seen. */
const NAME_LIMIT = 100;
/** Statements with more parameters have lists of changing length and seldom come back in the same form. */
const PARAMETER_LIMIT = 16;

export interface PreparingPools {
  readonly poolFor: (onUse: () => void) => PostgresPool;
  /** One statement that reads, without Kysely; rows as lists of values. */
  readonly rows: (statement: Statement) => Promise<readonly unknown[]>;
}

/**
 * Planning costs more than running most of these statements: with a name the server does it once. What comes back makes
 * pools over the same connections, one for each `onUse`, which may refuse by throwing. Ending the real pool stays the
 * business of who made it.
 */
export function createPreparingPools(
  pool: pg.Pool,
  pulse: Pulse,
  onQuery: ((sql: string) => void) | undefined,
): PreparingPools {
  const names = new Map<string, string>();
  const nameOf = (sql: string, parameterCount: number): string | undefined => {
    if (parameterCount === 0 || parameterCount > PARAMETER_LIMIT) return undefined;
    const known = names.get(sql);
    if (known !== undefined || names.size >= NAME_LIMIT) return known;
    const name = `bia_${names.size + 1}`;
    names.set(sql, name);
    return name;
  };
  const queryOf = ({ sql, parameters }: Statement) => {
    const name = nameOf(sql, parameters.length);
    return { text: sql, values: [...parameters], ...(name === undefined ? {} : { name }) };
  };
  /** A connection to a server that cannot be used, such as a primary that became a standby, does not come back. */
  const breaks = (error: unknown): boolean => isUnavailable(error) || markPostgresError(error);
  const rows: PreparingPools['rows'] = async (statement) => {
    const client = await connected(pool, pulse);
    let isBroken = false;
    try {
      onQuery?.(statement.sql);
      const query = { ...queryOf(statement), rowMode: 'array' as const };
      return (await pulse.guard(() => client.query<unknown[]>(query))).rows;
    } catch (error) {
      isBroken = breaks(error);
      throw error;
    } finally {
      client.release(isBroken);
    }
  };
  const poolFor: PreparingPools['poolFor'] = (onUse) => ({
    options: pool.options,
    end: () => Promise.resolve(),
    connect: async () => {
      onUse();
      const client = await connected(pool, pulse);
      let isBroken = false;
      // pg types rows as anything; they have the shape that the query selects.
      const query = <R>(text: string, parameters: readonly unknown[]) => {
        onQuery?.(text);
        const query = queryOf({ sql: text, parameters });
        return pulse
          .guard(() => client.query(query) as Promise<unknown> as Promise<PostgresQueryResult<R>>)
          .catch((error: unknown) => {
            isBroken ||= breaks(error);
            throw error;
          });
      };
      // Kysely's type has a second form, for cursors, which only streaming uses.
      return {
        query: query as PostgresPoolClient['query'],
        release: (destroy) => client.release(destroy || isBroken),
      };
    },
  });
  return { poolFor, rows };
}

async function connected(pool: pg.Pool, pulse: Pulse): Promise<pg.PoolClient> {
  try {
    return await pulse.guard(
      () => pool.connect(),
      (late) => late.release(true),
    );
  } catch (error) {
    markPostgresError(error);
    throw error;
  }
}
