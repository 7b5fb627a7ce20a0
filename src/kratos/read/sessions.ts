// Sessions that are not over, with their devices.
import { type Row, textOf } from '../database/database.ts';
import { groupBy } from './identities.ts';
import { marks, type Source } from './network.ts';
import { booleanAt, textAt, timeAt, toTimeText } from './values.ts';

export interface KratosSession {
  readonly session: Row;
  readonly devices: readonly Row[];
}

export interface SessionsPage {
  readonly sessions: readonly KratosSession[];
  /** Where the next page begins; absent after the last one. */
  readonly nextId?: string;
}

/** Live sessions after an id. `limit` counts those that were ended early as well. */
export function sessionsAfter(
  source: Source,
  of: { readonly afterId: string; readonly limit: number; readonly nowMs: number },
): Promise<SessionsPage> {
  return source.database.snapshot(async () => {
    const rows = await source.database.rows(
      `select id, identity_id, active, issued_at, authenticated_at, expires_at, aal, token,
        ${textOf(source.database.kind, 'authentication_methods')} as authentication_methods
        from sessions where nid = ? and id > ? and expires_at > ? order by id limit ${of.limit}`,
      [source.networkId, of.afterId, toTimeText(of.nowMs)],
    );
    const live = rows.filter((row) => booleanAt(row, 'active'));
    const devices = await devicesOf(source, live);
    const last = rows.length < of.limit ? undefined : rows.at(-1);
    return {
      sessions: live.map((session) => ({ session, devices: devices.get(textAt(session, 'id')) ?? [] })),
      ...(last ? { nextId: textAt(last, 'id') } : {}),
    };
  });
}

/** over: its time has come; ended: signed out or revoked. A session that has no row any more is not in the map. */
export type SessionFate = 'live' | 'over' | 'ended';

export async function sessionFates(
  source: Source,
  ids: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, SessionFate>> {
  const rows = await source.database.rows(
    `select id, active, expires_at from sessions where nid = ? and id in (${marks(ids)})`,
    [source.networkId, ...ids],
  );
  return new Map(
    rows.map((row): [string, SessionFate] => {
      const isOver = timeAt(row, 'expires_at') <= nowMs;
      return [textAt(row, 'id'), !booleanAt(row, 'active') ? 'ended' : isOver ? 'over' : 'live'];
    }),
  );
}

async function devicesOf(
  source: Source,
  sessions: readonly Row[],
): Promise<ReadonlyMap<string, readonly Row[]>> {
  if (sessions.length === 0) return new Map();
  const ids = sessions.map((row) => textAt(row, 'id'));
  const rows = await source.database.rows(
    `select id, session_id, ip_address, user_agent, location from session_devices
      where nid = ? and session_id in (${marks(ids)}) order by created_at, id`,
    [source.networkId, ...ids],
  );
  return groupBy(rows, 'session_id');
}
