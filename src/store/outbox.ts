// The outbox's port on both databases: events are claimed by lease, and of each stream only the oldest that waits.
import { type Insertable, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { IdentityId } from '../lib/ids.ts';
import { newUuid } from '../lib/ids.ts';
import type { ClaimedEvent, OutboxAttempt, OutboxEvent, OutboxFilter, OutboxStore } from '../outbox/event.ts';
import { type Handle, isStorable } from './handle.ts';
import type { Tables } from './tables.ts';

export function createOutboxStore(handle: Handle): OutboxStore {
  const { kind, read } = handle;
  return {
    insert: (event) =>
      handle.writeOne(async (db) => {
        await db.insertInto('outbox_events').values(toRow(event)).execute();
      }),
    claim: ({ nowMs, leaseMs, limit, exceptTargets }) =>
      handle.writeOne(async (db) => {
        const lease = newUuid();
        // On PostgreSQL other workers skip the rows that this one is about to take; SQLite writes one after another anyway.
        const lock = kind === 'postgres' ? sql`for update of e skip locked` : sql``;
        const open =
          exceptTargets.length === 0
            ? sql``
            : sql`and e.target not in (${sql.join(exceptTargets.map((one) => sql`${one}`))})`;
        // The first condition of each is that of the index, word for word: SQLite does not find it by itself.
        const due = sql`select e.id from outbox_events e where e.status in ('queued', 'sending')
          and ((e.status = 'queued' and e.next_attempt_at <= ${nowMs}) or (e.status = 'sending' and e.lease_until <= ${nowMs}))
          ${open}
          and not exists (select 1 from outbox_events b where b.status in ('queued', 'sending')
            and b.stream = e.stream and b.position < e.position)
          order by e.position limit ${limit} ${lock}`;
        // Materialized: it may be asked only once, or it would lock and yield others the second time.
        const { rows } = await sql<EventRow>`with due as materialized (${due}) update outbox_events
          set status = 'sending', lease = ${lease}, lease_until = ${nowMs + leaseMs},
            attempts = attempts + 1, updated_at = ${nowMs}
          where id in (select id from due) returning ${sql.raw(EVENT_COLUMNS.join(', '))}`.execute(db);
        const inOrder = [...rows].sort((a, b) => a.position - b.position);
        return inOrder.map((row): ClaimedEvent => ({ event: toEvent(row), lease }));
      }),
    settle: ({ eventId, lease, status, nextAttemptAtMs, attempt }) =>
      handle.write(async (db) => {
        const changed = await db
          .updateTable('outbox_events')
          .set({
            status,
            lease: null,
            lease_until: null,
            next_attempt_at: nextAttemptAtMs,
            updated_at: attempt.atMs,
          })
          .where('id', '=', eventId)
          .where('lease', '=', lease)
          .executeTakeFirst();
        if (changed.numUpdatedRows === 0n) return false;
        await db.insertInto('outbox_attempts').values(toAttemptRow(attempt)).execute();
        return true;
      }),
    nextDueAtMs: async () => {
      const { rows } = await sql<{ readonly due: number | null }>`
        select min(case when status = 'queued' then next_attempt_at else lease_until end) as due
        from outbox_events where status in ('queued', 'sending')`.execute(read);
      const due = rows[0]?.due;
      return due === null || due === undefined ? undefined : Number(due);
    },
    find: async (id) => {
      if (!isStorable(id)) return undefined;
      const row = await read
        .selectFrom('outbox_events')
        .select(EVENT_COLUMNS)
        .where('id', '=', id)
        .executeTakeFirst();
      if (!row) return undefined;
      const attempts = await read
        .selectFrom('outbox_attempts')
        .select(['id', 'event_id', 'outcome', 'took_ms', 'at'])
        .where('event_id', '=', id)
        .orderBy('at')
        .orderBy('id')
        .execute();
      return { event: toEvent(row), attempts: attempts.map(toAttempt) };
    },
    list: async (page) => {
      if (!isAskable(page) || !isStorable(page.after?.id ?? '')) return [];
      let query = filtered(read.selectFrom('outbox_events').select(EVENT_COLUMNS), page);
      if (page.after) {
        const { createdAtMs, id } = page.after;
        query = query.where(sql<boolean>`(created_at, id) < (${createdAtMs}, ${id})`);
      }
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit)
        .execute();
      return rows.map(toEvent);
    },
    replay: ({ id, nowMs, limit, ...filter }) =>
      handle.writeOne(async (db) => {
        if (!isAskable(filter) || !isStorable(id ?? '')) return 0;
        let chosen = filtered(db.selectFrom('outbox_events').select('id'), filter)
          .where('status', 'in', ['delivered', 'abandoned'])
          // What was queued at this very moment is what an earlier part of the same replay queued.
          .where('queued_at', '<', nowMs);
        if (id !== undefined) chosen = chosen.where('id', '=', id);
        const changed = await db
          .updateTable('outbox_events')
          .set({ status: 'queued', next_attempt_at: nowMs, queued_at: nowMs, updated_at: nowMs, attempts: 0 })
          .where('id', 'in', chosen.orderBy('position').limit(limit))
          .where('status', 'in', ['delivered', 'abandoned'])
          .executeTakeFirst();
        return Number(changed.numUpdatedRows);
      }),
    deleteSettledBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
        const old = db
          .selectFrom('outbox_events')
          .select('id')
          .where('status', 'in', ['delivered', 'abandoned'])
          .where('updated_at', '<', beforeMs)
          .limit(limit);
        const gone = await db.deleteFrom('outbox_events').where('id', 'in', old).executeTakeFirst();
        return Number(gone.numDeletedRows);
      }),
  };
}

const isAskable = ({ target, identityId }: OutboxFilter): boolean =>
  isStorable(target ?? '') && isStorable(identityId ?? '');

function filtered<Row>(
  query: SelectQueryBuilder<Tables, 'outbox_events', Row>,
  { status, target, identityId, sinceMs, untilMs }: OutboxFilter,
): SelectQueryBuilder<Tables, 'outbox_events', Row> {
  let asked = query;
  if (status !== undefined) asked = asked.where('status', '=', status);
  if (target !== undefined) asked = asked.where('target', '=', target);
  if (identityId !== undefined) asked = asked.where('identity_id', '=', identityId);
  if (sinceMs !== undefined) asked = asked.where('created_at', '>=', sinceMs);
  if (untilMs !== undefined) asked = asked.where('created_at', '<', untilMs);
  return asked;
}

/** By name, as in identity/rows.ts: a prepared statement for all columns fails when another node adds one. */
const EVENT_COLUMNS = [
  'position',
  'id',
  'status',
  'kind',
  'target',
  'stream',
  'identity_id',
  'flow_id',
  'hook',
  'sealed_payload',
  'attempts',
  'next_attempt_at',
  'created_at',
  'queued_at',
  'updated_at',
] as const;
type EventRow = Pick<Selectable<Tables['outbox_events']>, (typeof EVENT_COLUMNS)[number]>;

function toRow(event: OutboxEvent): Insertable<Tables['outbox_events']> {
  return {
    id: event.id,
    status: event.status,
    kind: event.kind,
    target: event.target,
    stream: event.stream,
    identity_id: event.identityId ?? null,
    flow_id: event.flowId,
    hook: event.hook,
    sealed_payload: event.sealedPayload,
    attempts: event.attempts,
    next_attempt_at: event.nextAttemptAtMs,
    lease: null,
    lease_until: null,
    created_at: event.createdAtMs,
    queued_at: event.queuedAtMs,
    updated_at: event.updatedAtMs,
  };
}

// The casts read back what toRow wrote.
function toEvent(row: EventRow): OutboxEvent {
  return {
    id: row.id,
    status: row.status as OutboxEvent['status'],
    kind: row.kind,
    target: row.target,
    stream: row.stream,
    ...(row.identity_id === null ? {} : { identityId: row.identity_id as IdentityId }),
    flowId: row.flow_id,
    hook: row.hook,
    sealedPayload: row.sealed_payload,
    attempts: row.attempts,
    nextAttemptAtMs: row.next_attempt_at,
    createdAtMs: row.created_at,
    queuedAtMs: row.queued_at,
    updatedAtMs: row.updated_at,
  };
}

const toAttemptRow = (attempt: OutboxAttempt): Insertable<Tables['outbox_attempts']> => ({
  id: attempt.id,
  event_id: attempt.eventId,
  outcome: attempt.outcome,
  took_ms: attempt.tookMs,
  at: attempt.atMs,
});

const toAttempt = (row: Selectable<Tables['outbox_attempts']>): OutboxAttempt => ({
  id: row.id,
  eventId: row.event_id,
  outcome: row.outcome,
  tookMs: row.took_ms,
  atMs: row.at,
});
