// The identity port on both databases.
import { type Kysely, sql } from 'kysely';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { IdentityFilter, IdentityPage, IdentityStore } from '../../identity/store.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { type DatabaseKind, type Handle, isStorable, requireStorable } from '../handle.ts';
import type { Tables } from '../tables.ts';
import { asConflict } from './conflicts.ts';
import { addressRows, CLAIM_SUFFIX, credentialRows, writeAddresses, writeCredentials } from './parts.ts';
import {
  addressesColumn,
  IDENTITY_COLUMNS,
  type IdentityRow,
  selectIdentities,
  toIdentity,
  toIdentityColumns,
  toSnapshot,
} from './rows.ts';

export function createIdentityStore(handle: Handle): IdentityStore {
  const { kind, read } = handle;
  const one = async (rest: ReturnType<typeof sql>): Promise<Snapshot | undefined> => {
    const { rows } = await selectIdentities(kind, rest).execute(read);
    return rows[0] && toSnapshot(rows[0]);
  };
  return {
    insert: (identity) => handle.write((db) => asConflict(() => insertMany(db, [identity]))),
    insertMany: (identities) => handle.write((db) => asConflict(() => insertMany(db, identities))),
    find: async (id) => {
      if (!isStorable(id)) return undefined;
      const { rows } = await sql<Omit<IdentityRow, 'credentials'>>`
        select ${sql.raw(IDENTITY_COLUMNS)}, ${sql.raw(addressesColumn(kind))} as addresses from identities i where i.id = ${id}`.execute(
        read,
      );
      return rows[0] && toIdentity(rows[0]);
    },
    findFull: async (id) => (isStorable(id) ? one(sql`where i.id = ${id}`) : undefined),
    findFullByExternalId: async (externalId) =>
      isStorable(externalId) ? one(sql`where i.external_id = ${externalId}`) : undefined,
    findFullByIdentifier: async (identifiers, type) => {
      const [preferred, ...others] = identifiers.filter(isStorable);
      if (preferred === undefined || !isStorable(type ?? '')) return undefined;
      const ofType = type === undefined ? sql`and ${isIdentifier('n')}` : sql`and n.type = ${type}`;
      return one(sql`join identity_identifiers n on n.identity_id = i.id
        where n.identifier in (${sql.join([preferred, ...others])}) ${ofType}
        order by case when n.identifier = ${preferred} then 0 else 1 end, n.type limit 1`);
    },
    findHolder: (of) => findHolder(one, of),
    markAddressSent: (id, { via, value, nowMs }) =>
      handle.writeOne(async (db) => {
        await db
          .updateTable('identity_addresses')
          .set({ status: 'sent', updated_at: nowMs })
          .where('identity_id', '=', id)
          .where('kind', '=', 'verifiable')
          .where('via', '=', via)
          .where('value', '=', value)
          .execute();
      }),
    delete: (id) =>
      handle.writeOne(async (db) => {
        const gone = await db.deleteFrom('identities').where('id', '=', id).executeTakeFirst();
        return gone.numDeletedRows > 0n;
      }),
    list: async (page) => {
      // The page first and then what belongs to it: PostgreSQL would collect that for the skipped rows of an offset as well.
      const chosen = sql`(select * from identities i ${pageClause(page)})`;
      const { rows } = await selectIdentities(kind, sql`order by i.id`, chosen).execute(read);
      return rows.map(toSnapshot);
    },
    count: async (filter) => {
      const { rows } = await sql<{ readonly total: number }>`
        select count(*) as total from identities i where ${filterClause(filter)}`.execute(read);
      return Number(rows[0]?.total ?? 0);
    },
  };
}

/** A statement takes so many rows of any of these tables: SQLite takes 32,766 values, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 500;

async function insertMany(db: Kysely<Tables>, identities: readonly FullIdentity[]): Promise<void> {
  const addresses = identities.flatMap(addressRows);
  const credentials = identities.flatMap((identity) => credentialRows(identity.id, identity.credentials));
  const identifiers = credentials.flatMap(({ identifiers: rows }) => rows);
  requireStorable([
    ...identities.map(({ externalId }) => externalId ?? ''),
    ...addresses.map(({ value }) => value),
    ...identifiers.map(({ identifier }) => identifier),
  ]);
  for (const rows of chunks(identities.map(toIdentityColumns)))
    await db.insertInto('identities').values(rows).execute();
  for (const rows of chunks(addresses)) await db.insertInto('identity_addresses').values(rows).execute();
  for (const rows of chunks(credentials.map(({ credential }) => credential)))
    await db.insertInto('identity_credentials').values(rows).execute();
  for (const rows of chunks(identifiers)) await db.insertInto('identity_identifiers').values(rows).execute();
}

function chunks<T>(rows: readonly T[]): readonly T[][] {
  const out: T[][] = [];
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) out.push(rows.slice(at, at + ROWS_AT_ONCE));
  return out;
}

/**
 * The person as they are now, held until the transaction ends: nobody else changes them meanwhile. Those who only look do
 * not wait for each other, such as many sign-ins of one person.
 */
export async function readForChange(
  { db, kind }: { readonly db: Kysely<Tables>; readonly kind: DatabaseKind },
  id: IdentityId,
  isChange: boolean,
): Promise<Snapshot | undefined> {
  if (!isStorable(id)) return undefined;
  const wanted = isChange ? sql`for update of i` : sql`for share of i`;
  const lock = kind === 'postgres' ? wanted : sql``;
  const { rows } = await selectIdentities(kind, sql`where i.id = ${id} ${lock}`).execute(db);
  return rows[0] && toSnapshot(rows[0]);
}

/** Writes only what differs: most changes touch one row. */
export async function writeChange(db: Kysely<Tables>, identity: FullIdentity): Promise<void> {
  requireStorable([identity.externalId ?? '']);
  const { id, created_at: _created, ...columns } = toIdentityColumns(identity);
  await db.updateTable('identities').set(columns).where('id', '=', id).execute();
  await writeAddresses(db, identity);
  await writeCredentials(db, identity);
}

async function findHolder(
  one: (rest: ReturnType<typeof sql>) => Promise<Snapshot | undefined>,
  of: Parameters<IdentityStore['findHolder']>[0],
): Promise<Snapshot | undefined> {
  const identifiers = of.identifiers.filter(({ identifier }) => isStorable(identifier));
  const addresses = of.addresses.filter(({ value }) => isStorable(value));
  // One list of ids rather than alternatives of the condition: PostgreSQL would read the whole table for those.
  const claims = [
    ...identifiers.map(
      ({ type, identifier }) => sql`select identity_id from identity_identifiers
        where type = ${type} and identifier = ${identifier}`,
    ),
    ...addresses.map(
      ({ via, value }) => sql`select identity_id from identity_addresses
        where kind in ('verifiable', 'recovery') and via = ${via} and value = ${value}`,
    ),
  ];
  if (claims.length === 0) return undefined;
  const others = of.exceptId === undefined ? sql`` : sql`and i.id <> ${of.exceptId}`;
  return one(sql`where i.id in (${sql.join(claims, sql` union all `)}) ${others} order by i.id limit 1`);
}

function pageClause(page: IdentityPage): ReturnType<typeof sql> {
  if (!isStorable(page.afterId ?? '')) return sql`where 1 = 0`;
  const after = page.afterId === undefined ? sql`` : sql`and i.id > ${page.afterId}`;
  const offset = page.offset ? sql`offset ${page.offset}` : sql``;
  return sql`where ${filterClause(page.filter)} ${after} order by i.id limit ${page.limit} ${offset}`;
}

function filterClause(filter: IdentityFilter): ReturnType<typeof sql> {
  const clauses = [sql`1 = 1`];
  if (!isStorable(filter.organizationId ?? '')) return sql`1 = 0`;
  if (filter.ids) {
    const wanted = filter.ids.filter(isStorable);
    clauses.push(wanted.length > 0 ? sql`i.id in (${sql.join(wanted)})` : sql`1 = 0`);
  }
  if (filter.organizationId !== undefined) clauses.push(sql`i.organization_id = ${filter.organizationId}`);
  if (filter.identifiers) {
    const wanted = filter.identifiers.filter(isStorable);
    const held = sql`i.id in (select identity_id from identity_identifiers where identifier in (${sql.join(wanted)})
      and ${isIdentifier('identity_identifiers')})`;
    clauses.push(wanted.length > 0 ? held : sql`1 = 0`);
  }
  if (filter.identifierPrefix !== undefined) clauses.push(prefixClause(filter.identifierPrefix));
  return sql.join(clauses, sql` and `);
}

/** A range scan of the index: no pattern, so `%` and `_` are plain characters. U+10FFFF ends every prefix. */
function prefixClause(prefix: string): ReturnType<typeof sql> {
  if (!isStorable(prefix)) return sql`1 = 0`;
  return sql`i.id in (select identity_id from identity_identifiers
    where identifier >= ${prefix} and identifier < ${`${prefix}\u{10FFFF}`} and ${isIdentifier('identity_identifiers')})`;
}

/** Nobody is found by a claim. */
function isIdentifier(table: string): ReturnType<typeof sql> {
  return sql`${sql.ref(`${table}.type`)} not like ${`%${CLAIM_SUFFIX}`}`;
}
