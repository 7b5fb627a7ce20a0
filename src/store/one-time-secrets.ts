// The port of one-time secrets on both databases.
import type { Selectable } from 'kysely';
import type { OneTimeSecret, OneTimeSecretStore } from '../flow/secret/one-time-secret.ts';
import type { FlowId, IdentityId } from '../lib/ids.ts';
import type { Handle } from './handle.ts';
import type { Tables } from './tables.ts';

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
      handle.writeOne(async (db) => {
        await db.insertInto('one_time_secrets').values(toRow(secret)).execute();
      }),
    findOfFlow: async (flowId, purpose) => {
      const rows = await handle.read
        .selectFrom('one_time_secrets')
        .select(SECRET_COLUMNS)
        .where('flow_id', '=', flowId)
        .where('purpose', '=', purpose)
        .where('used_at', 'is', null)
        .execute();
      return rows.map(toSecret);
    },
    consume: (id) =>
      handle.writeOne(async (db) => {
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
      handle.writeOne(async (db) => {
        await db.deleteFrom('one_time_secrets').where('flow_id', '=', flowId).execute();
      }),
    deleteOfIdentity: ({ identityId, purposes, addresses, keepsMadeByHand }) =>
      handle.writeOne(async (db) => {
        let query = db.deleteFrom('one_time_secrets').where('purpose', 'in', purposes);
        if (identityId !== '*') query = query.where('identity_id', '=', identityId);
        if (keepsMadeByHand) query = query.where('address', '<>', '');
        if (addresses) {
          query = query.where((of) =>
            of.or(addresses.map(({ via, value }) => of.and({ via, address: value }))),
          );
        }
        await query.execute();
      }),
    deleteExpiredBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
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

const SECRET_COLUMNS = [
  'id',
  'kind',
  'purpose',
  'flow_id',
  'identity_id',
  'digest',
  'address',
  'via',
  'created_at',
  'expires_at',
] as const;

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

type SecretRow = Pick<Selectable<Tables['one_time_secrets']>, (typeof SECRET_COLUMNS)[number]>;

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
