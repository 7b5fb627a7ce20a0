// Removes what nobody can use any more: in small batches with pauses, so that no request waits, on as many nodes as there are.

import type { SingleStores } from '../flow/store.ts';
import type { Clock } from '../lib/clock.ts';

/** One kind of thing that grows old. */
export interface Chore {
  readonly name: string;
  /** How long things are kept after their time. */
  readonly keepMs: number;
  /** Removes up to `limit` that are older; returns how many it removed. */
  readonly deleteBefore: (beforeMs: number, limit: number) => Promise<number>;
}

export interface Janitor {
  /** Removes everything that is old now; returns how much, by the names of chores. One sweep runs at a time. */
  readonly sweep: () => Promise<Readonly<Record<string, number>>>;
  /** Ends after the batch that is running. */
  readonly stop: () => Promise<void>;
}

export interface JanitorOptions {
  readonly clock: Clock;
  readonly chores: readonly Chore[];
  /** Nothing is removed while it is true. */
  readonly isResting?: () => boolean;
  readonly everyMs?: number;
  readonly batchSize?: number;
  /** Rest between two batches: on SQLite a batch holds the process, everywhere it holds locks. */
  readonly pauseMs?: number;
  readonly onSwept?: (removed: Readonly<Record<string, number>>) => void;
  readonly onFailure?: (chore: string, error: unknown) => void;
}

const EVERY_MS = 10 * 60_000;
const BATCH_SIZE = 200;
const PAUSE_MS = 50;

export function createJanitor(options: JanitorOptions): Janitor {
  const stopped = new AbortController();
  let running: Promise<Readonly<Record<string, number>>> | undefined;

  const sweep = (): Promise<Readonly<Record<string, number>>> => {
    if (options.isResting?.()) return Promise.resolve({});
    running ??= sweepAll(options, stopped.signal).finally(() => {
      running = undefined;
    });
    return running;
  };

  const timer = setInterval(() => void sweep(), options.everyMs ?? EVERY_MS);
  timer.unref();
  return {
    sweep,
    stop: async () => {
      clearInterval(timer);
      stopped.abort();
      await running;
    },
  };
}

async function sweepAll(
  options: JanitorOptions,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const removed: Record<string, number> = {};
  for (const chore of options.chores) {
    try {
      const count = await doChore(chore, options, signal);
      if (count > 0) removed[chore.name] = count;
    } catch (error) {
      // What one chore cannot do must not keep the others from theirs; the next sweep tries again.
      options.onFailure?.(chore.name, error);
    }
  }
  if (Object.keys(removed).length > 0) options.onSwept?.(removed);
  return removed;
}

async function doChore(chore: Chore, options: JanitorOptions, signal: AbortSignal): Promise<number> {
  const { clock, batchSize = BATCH_SIZE, pauseMs = PAUSE_MS } = options;
  const beforeMs = clock.nowMs() - chore.keepMs;
  let total = 0;
  while (!signal.aborted) {
    const count = await chore.deleteBefore(beforeMs, batchSize);
    total += count;
    // Fewer than asked for is no reason to end: another node may have taken the rest of this batch.
    if (count === 0) break;
    await pause(pauseMs, signal);
  }
  return total;
}

/** Its timer holds the process, unlike that of the sweeps: a command that sweeps once must come to its end. */
function pause(byMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, byMs);
    signal.addEventListener('abort', end);
  });
}

const HOUR_MS = 3_600_000;

/**
 * Flows answer 410 with a replacement for a day after their time, and 404 from then on; an hour where nobody got
 * anywhere with them, since anybody can start flows. Sessions stay in lists for a week,
 * which is long enough for a look at what happened. Counters may have windows of up to a day.
 */
const KEEP_MS = {
  flows: 24 * HOUR_MS,
  unfinishedFlows: HOUR_MS,
  sessions: 7 * 24 * HOUR_MS,
  errors: 24 * HOUR_MS,
  parked: HOUR_MS,
  secrets: 24 * HOUR_MS,
  exchanges: HOUR_MS,
  counters: 48 * HOUR_MS,
  messages: 30 * 24 * HOUR_MS,
  events: 90 * 24 * HOUR_MS,
  outbox: 30 * 24 * HOUR_MS,
};

/** What waited for so long is about something that is over: to send it would only puzzle its reader. */
const KEEP_WAITING_MS = 30 * 24 * HOUR_MS;

/** Everything in the database that grows old by itself. */
export function databaseChores(
  { stores }: { readonly stores: SingleStores },
  keepMs: Partial<typeof KEEP_MS> = {},
): readonly Chore[] {
  const keep = { ...KEEP_MS, ...keepMs };
  const { flows, sessions, errors, parked, counters, secrets, messages, events, exchanges, outbox } = stores;
  return [
    // Parked submissions go with their flows too; those whose flow lasts longer go by themselves.
    { name: 'parked', keepMs: keep.parked, deleteBefore: parked.deleteExpiredBefore },
    { name: 'one-time secrets', keepMs: keep.secrets, deleteBefore: secrets.deleteExpiredBefore },
    {
      name: 'unfinished flows',
      keepMs: keep.unfinishedFlows,
      deleteBefore: (beforeMs, limit) => flows.deleteExpiredBefore(beforeMs, limit, 'unfinished'),
    },
    { name: 'session exchanges', keepMs: keep.exchanges, deleteBefore: exchanges.deleteExpiredBefore },
    { name: 'flows', keepMs: keep.flows, deleteBefore: flows.deleteExpiredBefore },
    { name: 'sessions', keepMs: keep.sessions, deleteBefore: sessions.deleteEndedBefore },
    { name: 'errors', keepMs: keep.errors, deleteBefore: errors.deleteBefore },
    { name: 'counters', keepMs: keep.counters, deleteBefore: counters.deleteBefore },
    { name: 'security events', keepMs: keep.events, deleteBefore: events.deleteBefore },
    { name: 'delivered events', keepMs: keep.outbox, deleteBefore: outbox.deleteSettledBefore },
    {
      name: 'messages',
      keepMs: keep.messages,
      deleteBefore: (beforeMs, limit) => messages.deleteBefore({ what: 'settled', beforeMs, limit }),
    },
    {
      name: 'decoys',
      keepMs: 0,
      deleteBefore: (beforeMs, limit) => messages.deleteBefore({ what: 'decoys', beforeMs, limit }),
    },
    {
      name: 'unsent messages',
      keepMs: KEEP_WAITING_MS,
      deleteBefore: (beforeMs, limit) => messages.deleteBefore({ what: 'waiting', beforeMs, limit }),
    },
  ];
}
