// Stored errors, parked submissions, counters and security events.
import { sql } from 'kysely';
import type { EventStore } from '../event/event.ts';
import type { CounterStore, ErrorStore, ParkedStore, ParkedSubmission } from '../flow/store.ts';
import type { FlowId, IdentityId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import { type Handle, isStorable } from './handle.ts';

export function createErrorStore(handle: Handle): ErrorStore {
  return {
    insert: ({ id, error, createdAtMs }) =>
      handle.write(async (db) => {
        const row = { id, error: JSON.stringify(error), created_at: createdAtMs };
        await db.insertInto('flow_errors').values(row).execute();
      }),
    find: async (id) => {
      const row = await handle.read
        .selectFrom('flow_errors')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      // The cast reads back what insert wrote.
      return row && { id, error: JSON.parse(row.error) as JsonObject, createdAtMs: row.created_at };
    },
    deleteBefore: (beforeMs, limit) =>
      handle.write(async (db) => {
        const old = db.selectFrom('flow_errors').select('id').where('created_at', '<', beforeMs).limit(limit);
        const gone = await db.deleteFrom('flow_errors').where('id', 'in', old).executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}

export function createParkedStore(handle: Handle): ParkedStore {
  return {
    insert: (parked) =>
      handle.write(async (db) => {
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
      handle.write(async (db): Promise<ParkedSubmission | undefined> => {
        if (!isStorable(id)) return undefined;
        // Reading and deleting in one statement: a replay happens once, however many come back at the same time.
        const row = await db
          .deleteFrom('parked_submissions')
          .where('id', '=', id)
          .returningAll()
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
      handle.write(async (db) => {
        await db.deleteFrom('parked_submissions').where('identity_id', '=', identityId).execute();
      }),
    deleteExpiredBefore: (beforeMs, limit) =>
      handle.write(async (db) => {
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
    add: (counters) =>
      handle.write(async (db) => {
        if (counters.length === 0) return [];
        const rows = counters.map(({ key, windowStartMs, by }) => ({
          key,
          window_start: windowStartMs,
          total: by,
        }));
        const totals = await db
          .insertInto('counters')
          .values(rows)
          .onConflict((conflict) =>
            conflict.columns(['key', 'window_start']).doUpdateSet({
              total: sql`counters.total + excluded.total`,
            }),
          )
          .returning(['key', 'window_start', 'total'])
          .execute();
        const byKey = new Map(totals.map((row) => [`${row.key}\n${row.window_start}`, Number(row.total)]));
        return counters.map(({ key, windowStartMs }) => byKey.get(`${key}\n${windowStartMs}`) ?? 0);
      }),
    deleteBefore: (windowStartMs, limit) =>
      handle.write(async (db) => {
        const old = db
          .selectFrom('counters')
          .select('key')
          .where('window_start', '<', windowStartMs)
          .limit(limit);
        const gone = db
          .deleteFrom('counters')
          .where('window_start', '<', windowStartMs)
          .where('key', 'in', old);
        return Number((await gone.executeTakeFirst()).numDeletedRows);
      }),
  };
}

export function createEventStore(handle: Handle): EventStore {
  return {
    append: (event) =>
      handle.write(async (db) => {
        const { kind, atMs, identityId, sessionId, flowId, ...body } = event;
        await db
          .insertInto('security_events')
          .values({
            kind,
            at: atMs,
            identity_id: identityId ?? null,
            session_id: sessionId ?? null,
            flow_id: flowId ?? null,
            body: JSON.stringify(body),
          })
          .execute();
      }),
  };
}
