// The port of one-time secrets on both databases.
import type { OneTimeSecret, OneTimeSecretStore } from '../flow/one-time-secret.ts';
import type { FlowId, IdentityId } from '../lib/ids.ts';
import type { Handle } from './handle.ts';

export function createOneTimeSecretStore(handle: Handle): OneTimeSecretStore {
  return {
    replace: (flowId, purpose, secrets) =>
      handle.write(async (db) => {
        await db
          .deleteFrom('one_time_secrets')
          .where('flow_id', '=', flowId)
          .where('purpose', '=', purpose)
          .execute();
        if (secrets.length > 0) await db.insertInto('one_time_secrets').values(secrets.map(toRow)).execute();
      }),
    insert: (secret) =>
      handle.write(async (db) => {
        await db.insertInto('one_time_secrets').values(toRow(secret)).execute();
      }),
    findOfFlow: async (flowId, purpose) => {
      const rows = await handle.read
        .selectFrom('one_time_secrets')
        .selectAll()
        .where('flow_id', '=', flowId)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .execute();
      return rows.map(toSecret);
    },
    consume: (id) =>
      handle.write(async (db) => {
        // The condition makes it count once: of two who try, the second finds no row left to change.
        const changed = await db
          .updateTable('one_time_secrets')
          .set({ used_at: 1 })
          .where('id', '=', id)
          .where('used_at', 'is', null)
          .executeTakeFirst();
        return changed.numUpdatedRows > 0n;
      }),
    deleteOfFlow: (flowId) =>
      handle.write(async (db) => {
        await db.deleteFrom('one_time_secrets').where('flow_id', '=', flowId).execute();
      }),
    deleteExpiredBefore: (beforeMs, limit) =>
      handle.write(async (db) => {
        const old = db
          .selectFrom('one_time_secrets')
          .select('id')
          .where('expires_at', '<', beforeMs)
          .limit(limit);
        const gone = await db.deleteFrom('one_time_secrets').where('id', 'in', old).executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}

function toRow(secret: OneTimeSecret) {
  return {
    id: secret.id,
    kind: secret.kind,
    purpose: secret.purpose,
    flow_id: secret.flowId,
    identity_id: secret.identityId ?? null,
    digest: secret.digest,
    address: secret.address,
    via: secret.via,
    created_at: secret.createdAtMs,
    expires_at: secret.expiresAtMs,
    used_at: null,
  };
}

interface SecretRow {
  readonly id: string;
  readonly kind: string;
  readonly purpose: string;
  readonly flow_id: string;
  readonly identity_id: string | null;
  readonly digest: string;
  readonly address: string;
  readonly via: string;
  readonly created_at: number;
  readonly expires_at: number;
}

// The casts read back what toRow wrote.
function toSecret(row: SecretRow): OneTimeSecret {
  return {
    id: row.id,
    kind: row.kind as OneTimeSecret['kind'],
    purpose: row.purpose as OneTimeSecret['purpose'],
    flowId: row.flow_id as FlowId,
    ...(row.identity_id === null ? {} : { identityId: row.identity_id as IdentityId }),
    digest: row.digest,
    address: row.address,
    via: row.via as OneTimeSecret['via'],
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
  };
}
