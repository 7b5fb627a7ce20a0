// What was imported from another system, so that an import can be repeated.
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'imports';

export async function up(db: Kysely<Tables>, kind: 'sqlite' | 'postgres'): Promise<void> {
  // C collation: records are read page by page in the order of their ids, on every database alike.
  const text = kind === 'sqlite' ? 'text' : 'text collate "C"';
  await sql
    .raw(
      `create table imported_records (
        kind text not null, id ${text} not null, seen text not null, written text not null, primary key (kind, id))`,
    )
    .execute(db);
}
