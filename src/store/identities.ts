// The identity port on both databases.
import { type Kysely, sql } from 'kysely';
import type { Credential, FullIdentity } from '../identity/identity.ts';
import type { IdentityFilter, IdentityPage, IdentityStore } from '../identity/store.ts';
import { asConflict } from './conflicts.ts';
import { type Handle, isStorable } from './handle.ts';
import { addressRows, writeAddresses, writeCredential } from './identity-parts.ts';
import {
  addressesColumn,
  type IdentityRow,
  selectIdentities,
  toFullIdentity,
  toIdentity,
  toIdentityColumns,
} from './identity-rows.ts';
import type { Tables } from './tables.ts';

export function createIdentityStore(handle: Handle): IdentityStore {
  const { kind, read } = handle;
  const one = async (rest: ReturnType<typeof sql>): Promise<FullIdentity | undefined> => {
    const { rows } = await selectIdentities(kind, rest).execute(read);
    return rows[0] && toFullIdentity(rows[0]);
  };
  return {
    insert: (identity) => asConflict(() => handle.write((db) => insert(db, identity))),
    find: async (id) => {
      const { rows } = await sql<Omit<IdentityRow, 'credentials'>>`
        select i.*, ${sql.raw(addressesColumn(kind))} as addresses from identities i where i.id = ${id}`.execute(
        read,
      );
      return rows[0] && toIdentity(rows[0]);
    },
    findFull: (id) => one(sql`where i.id = ${id}`),
    findFullByExternalId: async (externalId) =>
      isStorable(externalId) ? one(sql`where i.external_id = ${externalId}`) : undefined,
    findFullByIdentifier: async (identifiers, type) => {
      const [preferred, ...others] = identifiers.filter(isStorable);
      if (preferred === undefined) return undefined;
      const ofType = type === undefined ? sql`` : sql`and n.type = ${type}`;
      return one(sql`join identity_identifiers n on n.identity_id = i.id
        where n.identifier in (${sql.join([preferred, ...others])}) ${ofType}
        order by case when n.identifier = ${preferred} then 0 else 1 end, n.type limit 1`);
    },
    findHolder: (of) => findHolder(one, of),
    update: (identity) => asConflict(() => handle.write((db) => update(db, identity))),
    putCredential: (id, credential) =>
      asConflict(() => handle.write((db) => writeCredential(db, id, credential))),
    deleteCredential: (id, type) =>
      handle.write(async (db) => {
        await db
          .deleteFrom('identity_identifiers')
          .where('identity_id', '=', id)
          .where('type', '=', type)
          .execute();
        const gone = db
          .deleteFrom('identity_credentials')
          .where('identity_id', '=', id)
          .where('type', '=', type);
        return (await gone.executeTakeFirst()).numDeletedRows > 0n;
      }),
    delete: (id) =>
      handle.write(async (db) => {
        const gone = await db.deleteFrom('identities').where('id', '=', id).executeTakeFirst();
        return gone.numDeletedRows > 0n;
      }),
    list: async (page) => {
      const { rows } = await selectIdentities(kind, pageClause(page)).execute(read);
      return rows.map(toFullIdentity);
    },
    count: async (filter) => {
      const { rows } = await sql<{ readonly total: number }>`
        select count(*) as total from identities i where ${filterClause(filter)}`.execute(read);
      return Number(rows[0]?.total ?? 0);
    },
  };
}

async function insert(db: Kysely<Tables>, identity: FullIdentity): Promise<void> {
  await db.insertInto('identities').values(toIdentityColumns(identity)).execute();
  const addresses = addressRows(identity);
  if (addresses.length > 0) await db.insertInto('identity_addresses').values(addresses).execute();
  for (const credential of Object.values(identity.credentials))
    await writeCredential(db, identity.id, credential, 'new');
}

/** Writes only what differs: most changes touch one row. */
async function update(db: Kysely<Tables>, identity: FullIdentity): Promise<void> {
  const { id, created_at: _created, ...columns } = toIdentityColumns(identity);
  await db.updateTable('identities').set(columns).where('id', '=', id).execute();
  await writeAddresses(db, identity);
  const held = await db
    .selectFrom('identity_credentials')
    .select(['type', 'updated_at'])
    .where('identity_id', '=', id)
    .execute();
  for (const { type } of held) {
    if (identity.credentials[type]) continue;
    await db
      .deleteFrom('identity_identifiers')
      .where('identity_id', '=', id)
      .where('type', '=', type)
      .execute();
    await db
      .deleteFrom('identity_credentials')
      .where('identity_id', '=', id)
      .where('type', '=', type)
      .execute();
  }
  const isHeld = (credential: Credential): boolean =>
    held.some((row) => row.type === credential.type && row.updated_at === credential.updatedAtMs);
  for (const credential of Object.values(identity.credentials)) {
    if (!isHeld(credential)) await writeCredential(db, identity.id, credential);
  }
}

async function findHolder(
  one: (rest: ReturnType<typeof sql>) => Promise<FullIdentity | undefined>,
  of: Parameters<IdentityStore['findHolder']>[0],
): Promise<FullIdentity | undefined> {
  const identifiers = of.identifiers.filter(({ identifier }) => isStorable(identifier));
  const addresses = of.addresses.filter(({ value }) => isStorable(value));
  const claims = [
    ...identifiers.map(
      ({ type, identifier }) => sql`i.id in (select identity_id from identity_identifiers
        where type = ${type} and identifier = ${identifier})`,
    ),
    ...addresses.map(
      ({ via, value }) => sql`i.id in (select identity_id from identity_addresses
        where kind in ('verifiable', 'recovery') and via = ${via} and value = ${value})`,
    ),
  ];
  if (claims.length === 0) return undefined;
  const others = of.exceptId === undefined ? sql`` : sql`and i.id <> ${of.exceptId}`;
  return one(sql`where (${sql.join(claims, sql` or `)}) ${others} order by i.id limit 1`);
}

function pageClause(page: IdentityPage): ReturnType<typeof sql> {
  const after = page.afterId === undefined ? sql`` : sql`and i.id > ${page.afterId}`;
  const offset = page.offset ? sql`offset ${page.offset}` : sql``;
  return sql`where ${filterClause(page.filter)} ${after} order by i.id limit ${page.limit} ${offset}`;
}

function filterClause(filter: IdentityFilter): ReturnType<typeof sql> {
  const clauses = [sql`1 = 1`];
  if (filter.ids) clauses.push(filter.ids.length > 0 ? sql`i.id in (${sql.join(filter.ids)})` : sql`1 = 0`);
  if (filter.organizationId !== undefined) clauses.push(sql`i.organization_id = ${filter.organizationId}`);
  if (filter.identifiers) {
    const wanted = filter.identifiers.filter(isStorable);
    const held = sql`i.id in (select identity_id from identity_identifiers where identifier in (${sql.join(wanted)}))`;
    clauses.push(wanted.length > 0 ? held : sql`1 = 0`);
  }
  if (filter.identifierPrefix !== undefined) clauses.push(prefixClause(filter.identifierPrefix));
  return sql.join(clauses, sql` and `);
}

/** A range scan of the index: no pattern, so `%` and `_` are plain characters. U+10FFFF ends every prefix. */
function prefixClause(prefix: string): ReturnType<typeof sql> {
  if (!isStorable(prefix)) return sql`1 = 0`;
  return sql`i.id in (select identity_id from identity_identifiers
    where identifier >= ${prefix} and identifier < ${`${prefix}\u{10FFFF}`})`;
}
