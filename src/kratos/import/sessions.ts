// Brings live sessions over, so that nobody has to sign in again, and ends those that were ended there.
import type { ImportRecord } from '../../flow/store.ts';
import type { SessionId } from '../../lib/ids.ts';
import { type ConvertedSession, convertSession } from '../convert/session.ts';
import { type KratosSession, sessionFates, sessionsAfter } from '../read/sessions.ts';
import { digestOf, FIRST_ID, type ImportDeps, writeTo } from './deps.ts';
import { isConnectionLost, refusalText } from './people.ts';

interface Arrival {
  readonly converted: ConvertedSession;
  readonly record: ImportRecord;
}

export async function importSessions(deps: ImportDeps): Promise<void> {
  let afterId: string | undefined = FIRST_ID;
  while (afterId !== undefined && !deps.isStopped()) {
    const page = await sessionsAfter(deps.source, { afterId, limit: deps.batchSize, nowMs: deps.nowMs });
    await importBatch(deps, page.sessions);
    deps.onProgress(page.sessions.length);
    afterId = page.nextId;
  }
}

async function importBatch(deps: ImportDeps, sessions: readonly KratosSession[]): Promise<void> {
  const arrivals = sessions.flatMap((session) => toArrival(deps, session) ?? []);
  const owned = await withOwner(deps, arrivals);
  const { imports } = deps.database.stores;
  const records = await imports.find(
    'session',
    owned.map(({ record }) => record.id),
  );
  const known = new Map(records.map((record) => [record.id, record]));
  const fresh = owned.filter(({ record }) => !known.has(record.id));
  const changed = owned.filter(({ record }) => (known.get(record.id)?.seen ?? record.seen) !== record.seen);
  deps.report.count('session', 'unchanged', owned.length - fresh.length - changed.length);
  await storeAll(deps, fresh);
  for (const arrival of changed) await replace(deps, arrival);
}

function toArrival(deps: ImportDeps, found: KratosSession): Arrival | undefined {
  try {
    const converted = convertSession(found);
    if (!converted) return undefined;
    const digest = digestOf(converted);
    const { id } = converted.session;
    return {
      converted,
      record: { kind: 'session', id, seen: digest, written: digestOf(converted.session) },
    };
  } catch (error) {
    fail(deps, found.session['id'] ?? '', error instanceof Error ? error.message : 'it cannot be read');
    return undefined;
  }
}

/** Those whose person was brought over. In a dry run nobody was: then all count. */
async function withOwner(deps: ImportDeps, arrivals: readonly Arrival[]): Promise<readonly Arrival[]> {
  if (deps.isDryRun) return arrivals;
  const ids = [...new Set(arrivals.map(({ converted }) => converted.session.identityId))];
  const records = await deps.database.stores.imports.find('identity', ids);
  const there = new Set(records.map(({ id }) => id));
  return arrivals.filter(({ converted, record }) => {
    const isThere = there.has(converted.session.identityId);
    if (!isThere) fail(deps, record.id, 'its identity was not brought over');
    return isThere;
  });
}

async function storeAll(deps: ImportDeps, arrivals: readonly Arrival[]): Promise<void> {
  if (arrivals.length === 0) return;
  if (deps.isDryRun) {
    deps.report.count('session', 'new', arrivals.length);
    return;
  }
  try {
    await deps.database.transaction(async ({ sessions, imports }) => {
      await sessions.insertMany(arrivals.map(({ converted }) => converted));
      await imports.put(arrivals.map(({ record }) => record));
    });
    deps.report.count('session', 'new', arrivals.length);
  } catch (error) {
    const [first] = arrivals;
    if (isConnectionLost(error) || !first) throw error;
    if (arrivals.length === 1) fail(deps, first.record.id, refusalText(error));
    else for (const arrival of arrivals) await storeAll(deps, [arrival]);
  }
}

/** A session that was extended or proven anew there. One that was ended or changed here stays as it is. */
async function replace(deps: ImportDeps, { converted, record }: Arrival): Promise<void> {
  const { session } = converted;
  const fate = await writeTo(deps, async ({ sessions, imports }) => {
    const [before] = await imports.find('session', [session.id]);
    const held = await sessions.find(session.id);
    const isUntouched = held && before && digestOf(held.session) === before.written;
    if (!isUntouched) return 'kept';
    await sessions.bulk({ action: 'delete', sessionIds: [session.id], limit: 1, nowMs: deps.nowMs });
    await sessions.insertMany([converted]);
    await imports.put([record]);
    return 'changed';
  });
  deps.report.count('session', fate);
}

/** Ends here what was ended there, such as by signing out. */
export async function endGoneSessions(deps: ImportDeps): Promise<void> {
  let afterId = FIRST_ID;
  while (!deps.isStopped()) {
    const records = await deps.database.stores.imports.list('session', { afterId, limit: deps.batchSize });
    const last = records.at(-1);
    if (!last) break;
    const fates = await sessionFates(
      deps.source,
      records.map(({ id }) => id),
      deps.nowMs,
    );
    for (const record of records) {
      const fate = fates.get(record.id) ?? 'gone';
      if (fate === 'ended' || fate === 'gone') await endSession(deps, record, fate);
      else if (fate === 'over') await writeTo(deps, ({ imports }) => imports.forget('session', [record.id]));
    }
    afterId = last.id;
  }
}

async function endSession(deps: ImportDeps, record: ImportRecord, fate: 'ended' | 'gone'): Promise<void> {
  const id = record.id as SessionId; // the record of a session has its id
  const done = await writeTo(deps, async ({ sessions, imports }) => {
    const held = await sessions.find(id);
    // A row that is gone was ended by an administrator, or its time was over and it was cleaned up: then it may live on here.
    const livesOn = fate === 'gone' && held && digestOf(held.session) !== record.written;
    if (livesOn) return 'kept';
    const of = { sessionIds: [id], limit: 1, nowMs: deps.nowMs };
    await sessions.bulk({ action: 'disable', ...of });
    await imports.forget('session', [id]);
    return 'removed';
  });
  deps.report.count('session', done);
}

function fail({ report }: ImportDeps, id: string, reason: string): void {
  report.count('session', 'failed');
  report.problem({ kind: 'session', id, reason, isWhole: true });
}
