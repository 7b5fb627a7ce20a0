// Many small transactions, one durable commit: what waits is run one after another and made durable together.
import type { DatabaseSync } from 'node:sqlite';

/** Most jobs that share a commit, so that the first of them does not wait for ever. */
const BATCH_LIMIT = 128;

interface Job {
  readonly work: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A queue over one writing connection. Each job runs in a savepoint of its own, so that its failure takes back only its
 * own writes; its promise resolves only after the commit that makes it durable. With `synchronous = FULL` a commit costs
 * a flush to disk: sharing it is what lets thousands of writers a second be durable.
 */
export function createGroupCommit(raw: DatabaseSync): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: Job[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    while (queue.length > 0) await runBatch(raw, queue);
    isRunning = false;
  }

  return <T>(work: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      // The job's own result comes back through `resolve`, so the cast restores the type that went in.
      queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (isRunning) return;
      isRunning = true;
      // Whatever arrives in the same turn of the event loop shares the first commit.
      setImmediate(() => void drain());
    });
}

async function runBatch(raw: DatabaseSync, queue: Job[]): Promise<void> {
  const settled: (() => void)[] = [];
  const failAll = (error: unknown, jobs: readonly Job[]): void => {
    for (const job of jobs) job.reject(error);
  };
  try {
    raw.exec('BEGIN IMMEDIATE');
  } catch (error) {
    failAll(error, queue.splice(0));
    return;
  }
  const done: Job[] = [];
  for (let count = 0; count < BATCH_LIMIT; count += 1) {
    const job = queue.shift();
    if (!job) break;
    raw.exec('SAVEPOINT job');
    try {
      const value = await job.work();
      raw.exec('RELEASE job');
      done.push(job);
      settled.push(() => job.resolve(value));
    } catch (error) {
      raw.exec('ROLLBACK TO job');
      raw.exec('RELEASE job');
      settled.push(() => job.reject(error));
    }
  }
  try {
    raw.exec('COMMIT');
  } catch (error) {
    if (raw.isTransaction) raw.exec('ROLLBACK');
    failAll(error, done);
    return;
  }
  for (const settle of settled) settle();
}
