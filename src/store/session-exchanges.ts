// The port of session exchanges on both databases.
import type { FlowKind } from '../flow/flow.ts';
import type { ExchangeStore } from '../flow/session/exchange-store.ts';
import type { FlowId } from '../lib/ids.ts';
import type { Handle } from './handle.ts';

export function createExchangeStore(handle: Handle): ExchangeStore {
  return {
    insert: ({ initDigest, expiresAtMs }) =>
      handle.writeOne(async (db) => {
        const row = { init_digest: initDigest, expires_at: expiresAtMs };
        await db.insertInto('session_exchanges').values(row).execute();
      }),
    answer: (initDigest, { returnDigest, flow, sealedToken = null }) =>
      handle.writeOne(async (db) => {
        await db
          .updateTable('session_exchanges')
          .set({
            return_digest: returnDigest,
            flow_id: flow?.id ?? null,
            flow_kind: flow?.kind ?? null,
            sealed_token: sealedToken,
          })
          .where('init_digest', '=', initDigest)
          // A session that waits is not replaced by what comes later.
          .where('sealed_token', 'is', null)
          .execute();
      }),
    take: ({ initDigest, returnDigest, nowMs }) =>
      handle.writeOne(async (db) => {
        // Reading and deleting in one statement: of several who ask with the same pair, one gets the session.
        const row = await db
          .deleteFrom('session_exchanges')
          .where('init_digest', '=', initDigest)
          .where('return_digest', '=', returnDigest)
          .where('expires_at', '>', nowMs)
          .where('sealed_token', 'is not', null)
          .returning('sealed_token')
          .executeTakeFirst();
        return row?.sealed_token ?? undefined;
      }),
    findFlow: async ({ initDigest, returnDigest, nowMs }) => {
      const row = await handle.read
        .selectFrom('session_exchanges')
        .select(['flow_id', 'flow_kind'])
        .where('init_digest', '=', initDigest)
        .where('return_digest', '=', returnDigest)
        .where('expires_at', '>', nowMs)
        .executeTakeFirst();
      // The casts read back what `answer` wrote.
      return row?.flow_id && row.flow_kind
        ? { id: row.flow_id as FlowId, kind: row.flow_kind as FlowKind }
        : undefined;
    },
    deleteExpiredBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
        const old = db
          .selectFrom('session_exchanges')
          .select('init_digest')
          .where('expires_at', '<', beforeMs)
          .limit(limit);
        const gone = await db
          .deleteFrom('session_exchanges')
          .where('init_digest', 'in', old)
          .executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}
