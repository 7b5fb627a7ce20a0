// Stored errors, parked submissions and counters.
import { type Insertable, sql } from 'kysely';
import type { CounterStore, ErrorStore, ParkedStore, ParkedSubmission } from '../flow/store.ts';
import type { FlowId, IdentityId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import { type Handle, isStorable } from './handle.ts';
import type { Tables } from './tables.ts';

export function createErrorStore(handle: Handle): ErrorStore {
  return {
    insert: ({ id, error, createdAtMs }) =>
      handle.writeOne(async (db) => {
        const row = { id, error: JSON.stringify(error), created_at: createdAtMs };
        await db.insertInto('flow_errors').values(row).execute();
      }),
    find: async (id) => {
      if (!isStorable(id)) return undefined;
      const row = await handle.read
        .selectFrom('flow_errors')
        .select(['error', 'created_at'])
        .where('id', '=', id)
        .executeTakeFirst();
      // The cast reads back what insert wrote.
      return row && { id, error: JSON.parse(row.error) as JsonObject, createdAtMs: row.created_at };
    },
    deleteBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
        const old = db.selectFrom('flow_errors').select('id').where('created_at', '<', beforeMs).limit(limit);
        const gone = await db.deleteFrom('flow_errors').where('id', 'in', old).executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}

export function createParkedStore(handle: Handle): ParkedStore {
  return {
    insert: (parked) =>
      handle.writeOne(async (db) => {
        await db
          .insertInto('parked_submissions')
          .values({
            id: parked.id,
            identity_id: parked.identityId,
            flow_id: parked.flowId,
            payload: JSON.stringify(parked.payload),
            expires_at: parked.expiresAtMs,
          })
          .execute();
      }),
    take: (id) =>
      handle.writeOne(async (db): Promise<ParkedSubmission | undefined> => {
        if (!isStorable(id)) return undefined;
        // Reading and deleting in one statement: a replay happens once, however many come back at the same time.
        const row = await db
          .deleteFrom('parked_submissions')
          .where('id', '=', id)
          .returning(['id', 'identity_id', 'flow_id', 'payload', 'expires_at'])
          .executeTakeFirst();
        // The casts read back what insert wrote.
        return (
          row && {
            id: row.id,
            identityId: row.identity_id as IdentityId,
            flowId: row.flow_id as FlowId,
            payload: JSON.parse(row.payload) as JsonObject,
            expiresAtMs: row.expires_at,
          }
        );
      }),
    deleteOfIdentity: (identityId) =>
      handle.writeOne(async (db) => {
        await db.deleteFrom('parked_submissions').where('identity_id', '=', identityId).execute();
      }),
    deleteExpiredBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
        const old = db
          .selectFrom('parked_submissions')
          .select('id')
          .where('expires_at', '<', beforeMs)
          .limit(limit);
        const gone = await db.deleteFrom('parked_submissions').where('id', 'in', old).executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}

export function createCounterStore(handle: Handle): CounterStore {
  return {
    add: async (counters) => {
      if (counters.length === 0) return [];
      const sums = new Map<string, Insertable<Tables['counters']>>();
      for (const counter of counters) {
        const row = { ...toCounterKey(counter), total: counter.by };
        const name = counterName(row);
        sums.set(name, { ...row, total: row.total + (sums.get(name)?.total ?? 0) });
      }
      // In one order for all: two who count the same things the other way round would wait for each other.
      const rows = [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
      const totals = await handle.writeOne((db) =>
        db
          .insertInto('counters')
          .values(rows)
          .onConflict((conflict) =>
            conflict.columns(['key', 'window_start']).doUpdateSet({
              total: sql`counters.total + excluded.total`,
            }),
          )
          .returning(['key', 'window_start', 'total'])
          .execute(),
      );
      const byName = new Map(totals.map((row) => [counterName(row), row.total]));
      return counters.map((counter) => byName.get(counterName(toCounterKey(counter))) ?? 0);
    },
    deleteBefore: (windowStartMs, limit) =>
      handle.writeOne(async (db) => {
        const gone = await sql`delete from counters where (key, window_start) in (select key, window_start
          from counters where window_start < ${windowStartMs} limit ${limit})`.execute(db);
        return Number(gone.numAffectedRows ?? 0n);
      }),
  };
}

interface CounterKey {
  readonly key: string;
  readonly window_start: number;
}

/** A key may hold what somebody typed; JSON writes every text in characters that can be stored. */
function toCounterKey(counter: { readonly key: string; readonly windowStartMs: number }): CounterKey {
  const { key, windowStartMs } = counter;
  return { key: isStorable(key) ? key : JSON.stringify(key), window_start: windowStartMs };
}

const counterName = (of: CounterKey): string => `${of.window_start} ${of.key}`;
