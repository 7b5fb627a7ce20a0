// Counts of several nodes brought together through the database, in the background and in batches: no request waits for it.
import type { CounterStore } from '../../flow/store.ts';
import type { Clock } from '../../lib/clock.ts';

export const WINDOW_MS = 60_000;

/** Requests of one address in one window. */
export interface Count {
  readonly key: string;
  readonly windowStartMs: number;
  /** Of all nodes, as far as it is known here. */
  total: number;
  /** Counted here and not added to the shared total yet. */
  unshared: number;
  isNoted: boolean;
}

export interface SharedCounts {
  /** Remembers a count that has grown. */
  readonly note: (count: Count) => void;
  /** Adds to the totals of all nodes, and learns them; runs by itself each second. */
  readonly share: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface SharedCountsOptions {
  readonly counters: Pick<CounterStore, 'add'>;
  readonly clock: Clock;
  /** Told when the database did not take the counts; they are tried again. */
  readonly onFailure: (error: unknown) => void;
}

const EVERY_MS = 1_000;
const BATCH_SIZE = 500;
/** Beyond this many busy addresses in one second the rest is counted by each node alone. */
const MAX_NOTED = 20_000;

export function createSharedCounts({ counters, clock, onFailure }: SharedCountsOptions): SharedCounts {
  let noted: Count[] = [];
  let running: Promise<void> | undefined;

  const note = (count: Count): void => {
    if (count.isNoted || noted.length >= MAX_NOTED) return;
    count.isNoted = true;
    noted.push(count);
  };

  const shareAll = async (): Promise<void> => {
    const pending = merged(noted, clock.nowMs() - WINDOW_MS);
    noted = [];
    for (let at = 0; at < pending.length; at += BATCH_SIZE) {
      const batch = pending.slice(at, at + BATCH_SIZE);
      try {
        await addBatch(counters, batch);
      } catch (error) {
        for (const count of pending.slice(at)) note(count);
        onFailure(error);
        return;
      }
    }
  };

  const share = (): Promise<void> => {
    running ??= shareAll().finally(() => {
      running = undefined;
    });
    return running;
  };

  const timer = setInterval(() => void share(), EVERY_MS);
  timer.unref();
  return {
    note,
    share,
    close: async () => {
      clearInterval(timer);
      await running;
      await share();
    },
  };
}

/**
 * Those of the window that lasts, one for each key: a count that was forgotten may have been started anew. They stand in
 * the same order on all nodes, so that two nodes that lock the same rows do not wait for each other.
 */
function merged(counts: readonly Count[], endedBeforeMs: number): Count[] {
  const byKey = new Map<string, Count>();
  for (const count of counts) {
    count.isNoted = false;
    if (count.windowStartMs <= endedBeforeMs) continue;
    const earlier = byKey.get(count.key);
    if (earlier) {
      count.unshared += earlier.unshared;
      earlier.unshared = 0;
    }
    byKey.set(count.key, count);
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function addBatch(counters: Pick<CounterStore, 'add'>, batch: readonly Count[]): Promise<void> {
  const sums = batch.map(({ key, windowStartMs, unshared }) => ({ key, windowStartMs, by: unshared }));
  const totals = await counters.add(sums);
  for (const [index, count] of batch.entries()) {
    count.unshared -= sums[index]?.by ?? 0;
    // What was counted here while the database worked comes on top.
    count.total = Math.max(count.total, (totals[index] ?? 0) + count.unshared);
  }
}
