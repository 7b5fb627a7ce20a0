// Security events on the database: written with the act, read by administrators, removed by age.
import { sql } from 'kysely';
import type { EventKind, EventQuery, EventStore, RecordedEvent } from '../event/event.ts';
import type { FlowId, IdentityId, SessionId } from '../lib/ids.ts';
import { type Handle, isStorable } from './handle.ts';

export function createEventStore(handle: Handle): EventStore {
  return {
    append: (event) =>
      handle.writeOne(async (db) => {
        const { kind, atMs, identityId, sessionId, flowId, ...body } = event;
        await db
          .insertInto('security_events')
          .values({
            kind,
            at: atMs,
            identity_id: identityId ?? null,
            session_id: sessionId ?? null,
            flow_id: flowId ?? null,
            body: JSON.stringify(body),
          })
          .execute();
      }),
    list: async (query) => {
      const rows = await eventsOf(handle.read, query).execute();
      return rows.map(toEvent);
    },
    deleteBefore: (beforeMs, limit) =>
      handle.writeOne(async (db) => {
        // They are written in the order of time, so the first ones are the oldest: no index by time is needed.
        const gone = await sql`delete from security_events where position in (select position from
          (select position, at from security_events order by position limit ${limit}) as oldest
          where at < ${beforeMs})`.execute(db);
        return Number(gone.numAffectedRows ?? 0n);
      }),
  };
}

/** Pages go by time and position, in the order of the index: a list is as fast at its end as at its start. */
function eventsOf(read: Handle['read'], query: EventQuery) {
  const { kinds, identityId, sessionId, sinceMs, untilMs, after, limit } = query;
  const isNewest = query.order === 'newest';
  const direction = isNewest ? 'desc' : 'asc';
  return read
    .selectFrom('security_events')
    .selectAll()
    .$if(kinds !== undefined, (db) => db.where('kind', 'in', kinds ?? []))
    .$if(identityId !== undefined, (db) => db.where('identity_id', '=', storable(identityId)))
    .$if(sessionId !== undefined, (db) => db.where('session_id', '=', storable(sessionId)))
    .$if(sinceMs !== undefined, (db) => db.where('at', '>=', sinceMs ?? 0))
    .$if(untilMs !== undefined, (db) => db.where('at', '<', untilMs ?? 0))
    .$if(after !== undefined, (db) => {
      const place = sql`(${after?.atMs ?? 0}, ${after?.position ?? 0})`;
      return db.where(
        isNewest ? sql<boolean>`(at, position) < ${place}` : sql<boolean>`(at, position) > ${place}`,
      );
    })
    .orderBy('at', direction)
    .orderBy('position', direction)
    .limit(limit);
}

/** An id that cannot be stored is nobody's. */
const storable = (id: string | undefined): string => (id !== undefined && isStorable(id) ? id : '');

interface EventRow {
  readonly position: number;
  readonly kind: string;
  readonly at: number;
  readonly identity_id: string | null;
  readonly session_id: string | null;
  readonly flow_id: string | null;
  readonly body: string;
}

/** The casts read back what append wrote. */
function toEvent(row: EventRow): RecordedEvent {
  return {
    ...(JSON.parse(row.body) as Omit<RecordedEvent, 'kind' | 'atMs' | 'position'>),
    position: Number(row.position),
    kind: row.kind as EventKind,
    atMs: Number(row.at),
    ...(row.identity_id === null ? {} : { identityId: row.identity_id as IdentityId }),
    ...(row.session_id === null ? {} : { sessionId: row.session_id as SessionId }),
    ...(row.flow_id === null ? {} : { flowId: row.flow_id as FlowId }),
  };
}
