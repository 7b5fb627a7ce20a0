// The session port on both databases. The read behind whoami is one prepared statement by a unique index.
import { type Insertable, type RawBuilder, sql } from 'kysely';
import type { IdentityId, SessionId } from '../lib/ids.ts';
import { addProof } from '../session/lifecycle.ts';
import type { AuthMethodRef, Device, Session } from '../session/session.ts';
import type { SessionPage, SessionStore, SessionWithIdentity } from '../session/store.ts';
import { type DatabaseKind, type Handle, isStorable } from './handle.ts';
import {
  addressesColumn,
  credentialsColumn,
  IDENTITY_COLUMNS,
  type IdentityRow,
  toCredentials,
  toIdentity,
} from './identity/rows.ts';
import type { Tables } from './tables.ts';

interface SessionRow extends IdentityRow {
  readonly s_id: string;
  readonly s_active: number;
  readonly s_issued_at: number;
  readonly s_authenticated_at: number;
  readonly s_expires_at: number;
  readonly s_auth_methods: string;
  readonly s_devices: string;
  readonly s_created_at: number;
}

const SESSION_COLUMNS = `s.id as s_id, s.active as s_active, s.issued_at as s_issued_at,
  s.authenticated_at as s_authenticated_at, s.expires_at as s_expires_at, s.auth_methods as s_auth_methods,
  s.devices as s_devices, s.created_at as s_created_at`;

const selectColumns = (kind: DatabaseKind, factorWhere: string | undefined): string =>
  `select ${SESSION_COLUMNS}, ${IDENTITY_COLUMNS}, ${addressesColumn(kind)} as addresses,
  ${factorWhere === undefined ? `'[]'` : credentialsColumn(kind, factorWhere)} as credentials`;
const JOIN_IDENTITY = sql.raw('join identities i on i.id = s.identity_id');

/** A statement takes so many rows: SQLite takes 32,766 values. */
const ROWS_AT_ONCE = 500;

export function createSessionStore(handle: Handle): SessionStore {
  const { kind, read } = handle;
  const statements = new Map<number, string>();
  /** Statement texts by number of factor types: the text is built once, the database keeps its plan. */
  const byTokenDigest = (factorCount: number): string => {
    const known = statements.get(factorCount);
    if (known) return known;
    const mark = (index: number): string => (kind === 'sqlite' ? '?' : `$${index}`);
    const marks = Array.from({ length: factorCount }, (_, index) => mark(index + 1)).join(', ');
    const where = factorCount > 0 ? `and c.type in (${marks})` : undefined;
    const text = `${selectColumns(kind, where)}
      from sessions s join identities i on i.id = s.identity_id where s.token_digest = ${mark(factorCount + 1)}`;
    statements.set(factorCount, text);
    return text;
  };
  return {
    insert: (session, tokenDigest) =>
      handle.writeOne(async (db) => {
        await db.insertInto('sessions').values(toRow(session, tokenDigest)).execute();
      }),
    insertMany: (sessions) =>
      handle.write(async (db) => {
        for (let at = 0; at < sessions.length; at += ROWS_AT_ONCE) {
          const rows = sessions.slice(at, at + ROWS_AT_ONCE);
          const values = rows.map(({ session, tokenDigest }) => toRow(session, tokenDigest));
          await db.insertInto('sessions').values(values).execute();
        }
      }),
    findByTokenDigest: async (tokenDigest, factorTypes) => {
      if (!isStorable(tokenDigest)) return undefined;
      const [row] = await handle.readText<SessionRow>({
        sql: byTokenDigest(factorTypes.length),
        parameters: [...factorTypes, tokenDigest],
      });
      return row && toSession(row);
    },
    find: async (id) => {
      if (!isStorable(id)) return undefined;
      const { rows } = await select(kind, sql`where s.id = ${id}`).execute(read);
      return rows[0] && toSession(rows[0]);
    },
    prove: (id, { proof, nowMs, lifespanMs, tokenDigest }) =>
      handle.write(async (db) => {
        const lock = kind === 'postgres' ? sql`for update of s` : sql``;
        const { rows } = await select(kind, sql`where s.id = ${id} ${lock}`).execute(db);
        const held = rows[0] && toSession(rows[0]).session;
        if (!held?.active || held.expiresAtMs <= nowMs) return undefined;
        const session = addProof(held, proof, { nowMs, lifespanMs });
        const { issued_at, authenticated_at, expires_at, auth_methods } = toRow(session, '');
        const token = tokenDigest === undefined ? {} : { token_digest: tokenDigest };
        await db
          .updateTable('sessions')
          .set({ issued_at, authenticated_at, expires_at, auth_methods, ...token })
          .where('id', '=', id)
          .execute();
        return session;
      }),
    extend: (id, expiresAtMs) =>
      handle.writeOne(async (db) => {
        const changed = await db
          .updateTable('sessions')
          .set({ expires_at: expiresAtMs })
          .where('id', '=', id)
          .where('active', '=', 1)
          .executeTakeFirst();
        return changed.numUpdatedRows > 0n;
      }),
    revoke: (of) =>
      handle.writeOne(async (db) => {
        let query = db
          .updateTable('sessions')
          .set({ active: 0 })
          .where('identity_id', '=', of.identityId)
          .where('active', '=', 1)
          .where('expires_at', '>', of.nowMs);
        if (of.id !== undefined) query = query.where('id', '=', of.id);
        if (of.exceptId !== undefined) query = query.where('id', '<>', of.exceptId);
        return Number((await query.executeTakeFirst()).numUpdatedRows);
      }),
    list: async (page, nowMs) => {
      const offset = page.offset ? sql`offset ${page.offset}` : sql``;
      const newestFirst = sql`order by s.created_at desc, s.id desc`;
      // The page first and then what belongs to it, as for identities.
      const chosen = sql`(select * from sessions s where ${pageFilter(page, nowMs)} ${newestFirst}
        limit ${page.limit} ${offset})`;
      const { rows } = await select(kind, newestFirst, chosen).execute(read);
      return rows.map((row) => ({ ...toSession(row), createdAtMs: row.s_created_at }));
    },
    count: async (page, nowMs) => {
      const { rows } = await sql<{ readonly total: number }>`select count(*) as total from sessions s
        where ${pageFilter({ ...page, limit: 0 }, nowMs)}`.execute(read);
      return Number(rows[0]?.total ?? 0);
    },
    bulk: (of) =>
      handle.writeOne(async (db) => {
        const chosen = bulkFilter(of);
        if (!chosen) return 0;
        const still = of.action === 'disable' ? sql`and s.active = 1` : sql``;
        const ids = sql`select s.id from sessions s where ${chosen} ${still} limit ${of.limit}`;
        const statement =
          of.action === 'disable'
            ? sql`update sessions set active = 0 where id in (${ids})`
            : sql`delete from sessions where id in (${ids})`;
        return Number((await statement.execute(db)).numAffectedRows ?? 0n);
      }),
    deleteOfIdentity: (identityId) =>
      handle.writeOne(async (db) => {
        const gone = await db.deleteFrom('sessions').where('identity_id', '=', identityId).executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
    deleteEndedBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
        const old = db.selectFrom('sessions').select('id').where('expires_at', '<', beforeMs).limit(limit);
        return Number(
          (await db.deleteFrom('sessions').where('id', 'in', old).executeTakeFirst()).numDeletedRows,
        );
      }),
  };
}

function select(
  kind: DatabaseKind,
  rest: RawBuilder<unknown>,
  from: RawBuilder<unknown> = sql`sessions`,
): RawBuilder<SessionRow> {
  return sql<SessionRow>`${sql.raw(selectColumns(kind, undefined))} from ${from} s ${JOIN_IDENTITY} ${rest}`;
}

/** Undefined where nothing was chosen: an empty list never means all. */
function bulkFilter(of: Parameters<SessionStore['bulk']>[0]): RawBuilder<unknown> | undefined {
  if (of.sessionIds === undefined && of.identityIds === '*') return sql`1 = 1`;
  const isBySession = of.sessionIds !== undefined;
  const ids = (isBySession ? of.sessionIds : of.identityIds === '*' ? [] : (of.identityIds ?? [])).filter(
    isStorable,
  );
  if (ids.length === 0) return undefined;
  return isBySession ? sql`s.id in (${sql.join(ids)})` : sql`s.identity_id in (${sql.join(ids)})`;
}

function pageFilter(page: SessionPage, nowMs: number): RawBuilder<unknown> {
  const clauses = [sql`1 = 1`];
  const texts = [page.identityId, page.exceptId, page.after?.id];
  if (!texts.every((text) => isStorable(text ?? ''))) return sql`1 = 0`;
  if (page.identityId !== undefined) clauses.push(sql`s.identity_id = ${page.identityId}`);
  if (page.exceptId !== undefined) clauses.push(sql`s.id <> ${page.exceptId}`);
  if (page.active === true) clauses.push(sql`s.active = 1 and s.expires_at > ${nowMs}`);
  if (page.active === false) clauses.push(sql`(s.active = 0 or s.expires_at <= ${nowMs})`);
  if (page.after) clauses.push(sql`(s.created_at, s.id) < (${page.after.createdAtMs}, ${page.after.id})`);
  return sql.join(clauses, sql` and `);
}

// The casts read back exactly what toRow wrote.
function toSession(row: SessionRow): SessionWithIdentity {
  const session: Session = {
    id: row.s_id as SessionId,
    identityId: row.id as IdentityId,
    active: row.s_active === 1,
    issuedAtMs: row.s_issued_at,
    authenticatedAtMs: row.s_authenticated_at,
    expiresAtMs: row.s_expires_at,
    authMethods: JSON.parse(row.s_auth_methods) as readonly AuthMethodRef[],
    devices: JSON.parse(row.s_devices) as readonly Device[],
  };
  return { session, identity: toIdentity(row), factors: toCredentials(row.credentials) };
}

function toRow(session: Session, tokenDigest: string): Insertable<Tables['sessions']> {
  return {
    id: session.id,
    identity_id: session.identityId,
    token_digest: tokenDigest,
    active: session.active ? 1 : 0,
    issued_at: session.issuedAtMs,
    authenticated_at: session.authenticatedAtMs,
    expires_at: session.expiresAtMs,
    auth_methods: JSON.stringify(session.authMethods),
    devices: JSON.stringify(session.devices),
    created_at: session.issuedAtMs,
  };
}
