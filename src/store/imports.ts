// The port of import records on both databases.
import type { ImportRecord, ImportRecordStore } from '../flow/store.ts';
import type { Handle } from './handle.ts';

const COLUMNS = ['kind', 'id', 'seen', 'written'] as const;

export function createImportRecordStore(handle: Handle): ImportRecordStore {
  return {
    find: async (kind, ids) => {
      if (ids.length === 0) return [];
      const rows = await handle.read
        .selectFrom('imported_records')
        .select(COLUMNS)
        .where('kind', '=', kind)
        .where('id', 'in', ids)
        .execute();
      return rows.map(toRecord);
    },
    list: async (kind, page) => {
      const rows = await handle.read
        .selectFrom('imported_records')
        .select(COLUMNS)
        .where('kind', '=', kind)
        .where('id', '>', page.afterId)
        .orderBy('id')
        .limit(page.limit)
        .execute();
      return rows.map(toRecord);
    },
    put: (records) =>
      handle.writeOne(async (db) => {
        if (records.length === 0) return;
        await db
          .insertInto('imported_records')
          .values([...records])
          .onConflict((conflict) =>
            conflict.columns(['kind', 'id']).doUpdateSet((values) => ({
              seen: values.ref('excluded.seen'),
              written: values.ref('excluded.written'),
            })),
          )
          .execute();
      }),
    forget: (kind, ids) =>
      handle.writeOne(async (db) => {
        if (ids.length === 0) return;
        await db.deleteFrom('imported_records').where('kind', '=', kind).where('id', 'in', ids).execute();
      }),
  };
}

interface RecordRow {
  readonly kind: string;
  readonly id: string;
  readonly seen: string;
  readonly written: string;
}

// The cast reads back what put wrote.
const toRecord = (row: RecordRow): ImportRecord => ({ ...row, kind: row.kind as ImportRecord['kind'] });
