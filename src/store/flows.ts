// The flow port on both databases: the flow is one JSON column beside what is queried.
import { FIRST_VERSION, type Flow } from '../flow/flow.ts';
import type { FlowStore } from '../flow/store.ts';
import type { FlowId } from '../lib/ids.ts';
import { type DatabaseKind, type Handle, isStorable, mark } from './handle.ts';

/** A text, because flows begin more often than anything else is written. Measured: building it took a tenth of a start. */
const INSERT = {
  sqlite: `insert into flows (id, kind, version, identity_id, expires_at, body) values (?, ?, ?, ?, ?, ?)`,
  postgres: `insert into flows (id, kind, version, identity_id, expires_at, body) values ($1, $2, $3, $4, $5, $6)`,
} as const;

/** Likewise: every form that is looked at is read by it. */
const find = (kind: DatabaseKind): string =>
  `select body, version from flows where id = ${mark(kind, 1)} and kind = ${mark(kind, 2)} and consumed_at is null`;
const FIND = { sqlite: find('sqlite'), postgres: find('postgres') } as const;

/** Whoever is in has finished them: one that was not is a stranger's. */
const ENTRANCES = ['login', 'registration'] as const;

export function createFlowStore(handle: Handle): FlowStore {
  return {
    insert: (flow) =>
      handle.writeText(
        {
          sql: INSERT[handle.kind],
          parameters: [
            ...[flow.id, flow.kind, flow.version, flow.identityId ?? null, flow.expiresAtMs],
            toBody(flow),
          ],
        },
        // After a power cut people start again anyway.
        { isLosable: true },
      ),
    find: async (kind, id) => {
      if (!isStorable(id)) return undefined;
      const [row] = await handle.readRows<readonly [body: string, version: number]>({
        sql: FIND[handle.kind],
        parameters: [id, kind],
      });
      return row && fromBody(...row);
    },
    save: (flow, { isRefused = false } = {}) =>
      handle.writeOne(async (db) => {
        const version = isRefused ? flow.version : flow.version + 1;
        const changed = await db
          .updateTable('flows')
          .set({ version, expires_at: flow.expiresAtMs, body: toBody(flow) })
          .where('id', '=', flow.id)
          .where('version', '=', flow.version)
          .where('consumed_at', 'is', null)
          .executeTakeFirst();
        return changed.numUpdatedRows > 0n;
      }),
    findOfIdentity: async (kind, identityId) => {
      const rows = await handle.read
        .selectFrom('flows')
        .select(['body', 'version'])
        .where('identity_id', '=', identityId)
        .where('kind', '=', kind)
        .where('consumed_at', 'is', null)
        .execute();
      return rows.map((row) => fromBody(row.body, row.version));
    },
    consume: (id, as) =>
      handle.writeOne(async (db) => {
        // The condition makes it count once: of two who try, the second finds no row left to change.
        const changed = await db
          .updateTable('flows')
          .set({ consumed_at: 1, ...(as ? { body: toBody(as) } : {}) })
          .where('id', '=', id)
          .where('consumed_at', 'is', null)
          .executeTakeFirst();
        return changed.numUpdatedRows > 0n;
      }),
    keepConsumed: async (flow) => {
      await handle.writeOne((db) =>
        db
          .updateTable('flows')
          .set({ body: toBody(flow) })
          .where('id', '=', flow.id)
          .where('consumed_at', 'is not', null)
          .execute(),
      );
    },
    findConsumed: async (kind, id) => {
      if (!isStorable(id)) return undefined;
      const row = await handle.read
        .selectFrom('flows')
        .select(['body', 'version'])
        .where('id', '=', id)
        .where('kind', '=', kind)
        .where('consumed_at', 'is not', null)
        .executeTakeFirst();
      return row && fromBody(row.body, row.version);
    },
    deleteExpiredBefore: (beforeMs, limit, which) =>
      handle.writeOne(async (db) => {
        const expired = db.selectFrom('flows').select('id').where('expires_at', '<', beforeMs).limit(limit);
        const old =
          which === 'unfinished'
            ? expired
                .where('consumed_at', 'is', null)
                .where((is) => is.or([is('version', '<=', FIRST_VERSION), is('kind', 'in', ENTRANCES)]))
            : expired;
        return Number(
          (await db.deleteFrom('flows').where('id', 'in', old).executeTakeFirst()).numDeletedRows,
        );
      }),
  };
}

/** What a client hands to hooks lives for one request and is left out. Most flows have none, and need no copy. */
function toBody(flow: Flow): string {
  return JSON.stringify(
    flow.transientPayload === undefined ? flow : { ...flow, transientPayload: undefined },
  );
}

// The cast reads back what toBody wrote; `id` went in as a FlowId.
function fromBody(body: string, version: number): Flow {
  const flow = JSON.parse(body) as Flow & { readonly id: FlowId };
  return { ...flow, version };
}
