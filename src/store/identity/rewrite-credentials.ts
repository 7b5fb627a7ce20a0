// Goes through all credentials of some types and stores what becomes of them, beside a server that runs.
import { sql } from 'kysely';
import type { JsonObject } from '../../lib/json.ts';
import type { Handle } from '../handle.ts';

/** The new config, or undefined where it stays as it is. Tried out first, and asked again for what is kept. */
export type RewriteCredential = (
  type: string,
  config: JsonObject,
  purpose: 'trial' | 'kept',
) => JsonObject | undefined;

const BATCH = 200;

/** Calls back with how many were looked at so far. */
export async function rewriteCredentials(
  handle: Handle,
  of: {
    readonly types: readonly string[];
    readonly rewrite: RewriteCredential;
    readonly onLooked?: (count: number) => void;
  },
): Promise<void> {
  let looked = 0;
  for (let last = { id: '', type: '' }; of.types.length > 0; ) {
    const rows = await handle.read
      .selectFrom('identity_credentials')
      .select(['identity_id', 'type', 'config'])
      .where('type', 'in', of.types)
      .where(sql<boolean>`(identity_id, type) > (${last.id}, ${last.type})`)
      .orderBy('identity_id')
      .orderBy('type')
      .limit(BATCH)
      .execute();
    for (const row of rows) await rewriteOne(handle, row, of.rewrite);
    looked += rows.length;
    of.onLooked?.(looked);
    const end = rows.at(-1);
    if (!end || rows.length < BATCH) return;
    last = { id: end.identity_id, type: end.type };
  }
}

interface Row {
  readonly identity_id: string;
  readonly type: string;
  readonly config: string;
}

/** With its person held: what they do at this moment comes before or after, and is not undone. */
async function rewriteOne(handle: Handle, row: Row, rewrite: RewriteCredential): Promise<void> {
  const { identity_id, type } = row;
  // Most need nothing when it is run again: those take no transaction.
  if (rewrite(type, readConfig(row), 'trial') === undefined) return;
  await handle.write(async (db) => {
    const person = db.selectFrom('identities').select('id').where('id', '=', identity_id);
    await (handle.kind === 'postgres' ? person.forUpdate() : person).execute();
    const held = await db
      .selectFrom('identity_credentials')
      .select('config')
      .where('identity_id', '=', identity_id)
      .where('type', '=', type)
      .executeTakeFirst();
    const next = held && rewrite(type, readConfig(held), 'kept');
    if (next === undefined) return;
    await db
      .updateTable('identity_credentials')
      .set({ config: JSON.stringify(next) })
      .where('identity_id', '=', identity_id)
      .where('type', '=', type)
      .execute();
  });
}

/** The cast reads back what a store wrote. */
const readConfig = ({ config }: Pick<Row, 'config'>): JsonObject => JSON.parse(config) as JsonObject;
