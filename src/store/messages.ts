// The courier's port on both databases: messages are claimed by lease, so that several workers share the queue.
import { type Insertable, type Selectable, sql } from 'kysely';
import type { ClaimedMessage, CourierMessage, Dispatch, MessageStore } from '../courier/message.ts';
import { newUuid } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import { type Handle, isStorable } from './handle.ts';
import type { Tables } from './tables.ts';

export function createMessageStore(handle: Handle): MessageStore {
  const { kind, read } = handle;
  return {
    insert: (message) =>
      handle.writeOne(async (db) => {
        await db.insertInto('courier_messages').values(toRow(message)).execute();
      }),
    insertDecoy: (message) =>
      handle.writeOne(async (db) => {
        await db
          .insertInto('courier_messages')
          .values({ ...toRow(message), status: DECOY })
          .execute();
      }),
    claim: ({ nowMs, leaseMs, limit }) =>
      handle.writeOne(async (db) => {
        const lease = newUuid();
        // On PostgreSQL other workers skip the rows that this one is about to take; SQLite writes one after another anyway.
        const lock = kind === 'postgres' ? sql`for update skip locked` : sql``;
        // The first condition is that of the index, word for word: SQLite does not find it in the others by itself.
        const due = sql`select id from courier_messages where status in ('queued', 'processing')
          and ((status = 'queued' and next_attempt_at <= ${nowMs}) or (status = 'processing' and lease_until <= ${nowMs}))
          order by next_attempt_at, id limit ${limit} ${lock}`;
        // Materialized: it may be asked only once, or it would lock and yield others the second time.
        const { rows } = await sql<MessageRow>`with due as materialized (${due}) update courier_messages
          set status = 'processing', lease = ${lease}, lease_until = ${nowMs + leaseMs},
            send_count = send_count + 1, updated_at = ${nowMs}
          where id in (select id from due) returning ${sql.raw(MESSAGE_COLUMNS.join(', '))}`.execute(db);
        const inOrder = [...rows].sort(
          (a, b) => a.next_attempt_at - b.next_attempt_at || (a.id < b.id ? -1 : 1),
        );
        return inOrder.map((row): ClaimedMessage => ({ message: toMessage(row), lease }));
      }),
    settle: ({ messageId, lease, status, nextAttemptAtMs, dispatch, forgetsTexts }) =>
      handle.write(async (db) => {
        const changed = await db
          .updateTable('courier_messages')
          .set({
            status,
            lease: null,
            lease_until: null,
            next_attempt_at: nextAttemptAtMs,
            updated_at: dispatch.createdAtMs,
            ...(status === 'queued' ? {} : { template_data: '{}', request_headers: '{}' }),
            ...(status === 'queued' || !forgetsTexts ? {} : { subject: '', body: '' }),
          })
          .where('id', '=', messageId)
          .where('lease', '=', lease)
          .executeTakeFirst();
        if (changed.numUpdatedRows === 0n) return false;
        await db.insertInto('courier_dispatches').values(toDispatchRow(dispatch)).execute();
        return true;
      }),
    find: async (id) => {
      if (!isStorable(id)) return undefined;
      const row = await read
        .selectFrom('courier_messages')
        .select(MESSAGE_COLUMNS)
        .where('id', '=', id)
        .where('status', '<>', DECOY)
        .executeTakeFirst();
      if (!row) return undefined;
      const dispatches = await read
        .selectFrom('courier_dispatches')
        .select(['id', 'message_id', 'status', 'error', 'created_at'])
        .where('message_id', '=', id)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return { message: toMessage(row), dispatches: dispatches.map(toDispatch) };
    },
    list: async (page) => {
      if (!isStorable(page.recipient ?? '') || !isStorable(page.after?.id ?? '')) return [];
      let query = read.selectFrom('courier_messages').select(MESSAGE_COLUMNS).where('status', '<>', DECOY);
      if (page.status !== undefined) query = query.where('status', '=', page.status);
      if (page.recipient !== undefined) query = query.where('recipient', '=', page.recipient);
      if (page.after) {
        const { createdAtMs, id } = page.after;
        query = query.where(sql<boolean>`(created_at, id) < (${createdAtMs}, ${id})`);
      }
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit)
        .execute();
      return rows.map(toMessage);
    },
    nextDueAtMs: async () => {
      const { rows } = await sql<{ readonly due: number | null }>`
        select min(case when status = 'queued' then next_attempt_at else lease_until end) as due
        from courier_messages where status in ('queued', 'processing')`.execute(read);
      const due = rows[0]?.due;
      return due === null || due === undefined ? undefined : Number(due);
    },
    deleteBefore: ({ what, beforeMs, limit }) =>
      handle.writeOne(async (db) => {
        const old = db
          .selectFrom('courier_messages')
          .select('id')
          .where('status', 'in', STATUSES[what])
          .where('created_at', '<', beforeMs)
          .limit(limit);
        const { numDeletedRows } = await db
          .deleteFrom('courier_messages')
          .where('id', 'in', old)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

/** A row that stands for no message: no worker claims it and no list shows it. */
const DECOY = 'decoy';

const STATUSES: Readonly<Record<Parameters<MessageStore['deleteBefore']>[0]['what'], readonly string[]>> = {
  settled: ['sent', 'abandoned'],
  waiting: ['queued', 'processing'],
  decoys: [DECOY],
};

/** By name, as in identity/rows.ts: a prepared statement for all columns fails when another node adds one. */
const MESSAGE_COLUMNS = [
  'id',
  'status',
  'type',
  'channel',
  'recipient',
  'subject',
  'body',
  'template_name',
  'template_data',
  'request_headers',
  'send_count',
  'next_attempt_at',
  'created_at',
  'updated_at',
] as const;
type MessageRow = Pick<Selectable<Tables['courier_messages']>, (typeof MESSAGE_COLUMNS)[number]>;

function toRow(message: CourierMessage): Insertable<Tables['courier_messages']> {
  return {
    id: message.id,
    status: message.status,
    type: message.type,
    channel: message.channel,
    recipient: message.recipient,
    subject: message.subject,
    body: message.body,
    template_name: message.templateName,
    template_data: JSON.stringify(message.templateData),
    request_headers: JSON.stringify(message.requestHeaders),
    send_count: message.sendCount,
    next_attempt_at: message.nextAttemptAtMs,
    lease: null,
    lease_until: null,
    created_at: message.createdAtMs,
    updated_at: message.updatedAtMs,
  };
}

// The casts in this file read back what toRow and toDispatchRow wrote.
function toMessage(row: MessageRow): CourierMessage {
  return {
    id: row.id,
    status: row.status as CourierMessage['status'],
    type: row.type as CourierMessage['type'],
    channel: row.channel,
    recipient: row.recipient,
    subject: row.subject,
    body: row.body,
    templateName: row.template_name as CourierMessage['templateName'],
    templateData: JSON.parse(row.template_data) as JsonObject,
    requestHeaders: JSON.parse(row.request_headers) as JsonObject,
    sendCount: row.send_count,
    nextAttemptAtMs: row.next_attempt_at,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
  };
}

function toDispatchRow(dispatch: Dispatch): Insertable<Tables['courier_dispatches']> {
  return {
    id: dispatch.id,
    message_id: dispatch.messageId,
    status: dispatch.status,
    error: dispatch.error === null ? null : JSON.stringify(dispatch.error),
    created_at: dispatch.createdAtMs,
  };
}

function toDispatch(row: Selectable<Tables['courier_dispatches']>): Dispatch {
  return {
    id: row.id,
    messageId: row.message_id,
    status: row.status as Dispatch['status'],
    error: row.error === null ? null : (JSON.parse(row.error) as JsonObject),
    createdAtMs: row.created_at,
  };
}
