// Addresses that are no way in before their person saves their traits again (identity/change/claim.ts).
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export const name = 'held addresses';

export async function up(db: Kysely<Tables>): Promise<void> {
  await sql.raw('alter table identity_addresses add column held integer not null default 0').execute(db);
}
