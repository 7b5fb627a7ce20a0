// Many small transactions, one durable commit: what waits is run one after another and made durable together.
import type { DatabaseSync } from 'node:sqlite';

/** Most jobs that share a commit, so that the first of them does not wait for ever. */
const BATCH_LIMIT = 128;
/** How long another process that writes to the same file is waited for, and how often it is asked. */
const BUSY_LIMIT_MS = 10_000;
const BUSY_PAUSE_MS = 1;
/** After so many batches in a row the file is left alone for a moment, or a second process would never get its turn. */
const BATCHES_IN_A_ROW = 32;

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
    for (let batch = 1; queue.length > 0; batch += 1) {
      await runBatch(raw, queue);
      if (batch % BATCHES_IN_A_ROW === 0) await pause(2 * BUSY_PAUSE_MS);
    }
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
  try {
    await begin(raw);
  } catch (error) {
    for (const job of queue.splice(0)) job.reject(error);
    return;
  }
  const done: { readonly job: Job; readonly value: unknown }[] = [];
  const failed: { readonly job: Job; readonly error: unknown }[] = [];
  try {
    for (let count = 0; count < BATCH_LIMIT; count += 1) {
      const job = queue.shift();
      if (!job) break;
      try {
        raw.exec('SAVEPOINT job');
        const value = await job.work();
        raw.exec('RELEASE job');
        done.push({ job, value });
      } catch (error) {
        failed.push({ job, error });
        // A full disk or a failing one ends the whole transaction, not only this job's part of it.
        if (!raw.isTransaction) throw error;
        raw.exec('ROLLBACK TO job; RELEASE job');
      }
    }
    raw.exec('COMMIT');
  } catch (error) {
    if (raw.isOpen && raw.isTransaction) raw.exec('ROLLBACK');
    failed.push(...done.splice(0).map(({ job }) => ({ job, error })));
  }
  for (const { job, value } of done) job.resolve(value);
  for (const { job, error } of failed) job.reject(error);
}

/** Takes the write lock. SQLite itself would wait for it as well, but hold up everything else in this process meanwhile. */
async function begin(raw: DatabaseSync): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += BUSY_PAUSE_MS) {
    try {
      raw.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (waitedMs >= BUSY_LIMIT_MS || !isBusy(error)) throw error;
    }
    await pause(BUSY_PAUSE_MS);
  }
}

/** SQLITE_BUSY in all its variants: the low byte of the extended result code. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return false;
  return (error.errcode & 0xff) === 5;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
