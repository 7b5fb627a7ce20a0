// Many small transactions, one durable commit: what waits is run one after another and made durable together.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Most jobs that share a commit, so that the first of them does not wait for ever. */
const BATCH_LIMIT = 128;
/** How long another process that writes to the same file is waited for, and how often it is asked. */
const BUSY_LIMIT_MS = 1_500;
const BUSY_PAUSE_MS = 1;
/** After so many batches in a row the file is left alone for a moment, or a second process would never get its turn. */
const BATCHES_IN_A_ROW = 32;

interface Job {
  readonly work: () => unknown;
  readonly needsSavepoint: boolean;
  readonly isLosable: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export type InTurn = <T>(
  work: () => T | Promise<T>,
  of?: {
    /** SQLite takes back a statement that fails by itself: no savepoint, which costs as much as a small write. */
    readonly isOneStatement?: boolean;
    /**
     * A power cut may take it back: it is written without waiting for the disk. The end of the process, however sudden, takes
     * back nothing.
     */
    readonly isLosable?: boolean;
  },
) => Promise<T>;

/**
 * A queue over one writing connection. Each job runs in a savepoint of its own, so that its failure takes back only its
 * own writes; its promise resolves only after the commit that makes it durable. With `synchronous = FULL` a commit costs
 * a flush to disk: sharing it is what lets thousands of writers a second be durable. A batch of nothing but losable jobs
 * is committed without one.
 */
export function createGroupCommit(raw: DatabaseSync): InTurn {
  const control = prepareControl(raw);
  const setDurability = createDurability(raw);
  const queue: Job[] = [];
  let isRunning = false;

  async function drain(): Promise<void> {
    try {
      for (let batch = 1; queue.length > 0; batch += 1) {
        // One that must last may take losable ones along, but not the other way round.
        const isLosable = queue.slice(0, BATCH_LIMIT).every((job) => job.isLosable);
        setDurability(isLosable ? 'NORMAL' : 'FULL');
        await runBatch(raw, control, { queue, takes: (job) => job.isLosable || !isLosable });
        if (batch % BATCHES_IN_A_ROW === 0) await pause(2 * BUSY_PAUSE_MS);
      }
    } catch (error) {
      // Before a batch has begun: nobody's work was tried, and whoever comes next tries again.
      for (const job of queue.splice(0)) job.reject(error);
    } finally {
      isRunning = false;
    }
  }

  return <T>(work: () => T | Promise<T>, { isOneStatement = false, isLosable = false } = {}): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      // The job's own result comes back through `resolve`, so the cast restores the type that went in.
      queue.push({
        work,
        needsSavepoint: !isOneStatement,
        isLosable,
        resolve: resolve as (value: unknown) => void,
        reject,
      });
      if (isRunning) return;
      isRunning = true;
      // Whatever arrives in the same turn of the event loop shares the first commit.
      setImmediate(() => void drain());
    });
}

/** Parsed once: `exec` would do it for each job anew, which takes as long as a small write. */
interface Control {
  readonly begin: StatementSync;
  readonly savepoint: StatementSync;
  readonly release: StatementSync;
  readonly commit: StatementSync;
}

function prepareControl(raw: DatabaseSync): Control {
  return {
    begin: raw.prepare('BEGIN IMMEDIATE'),
    savepoint: raw.prepare('SAVEPOINT job'),
    release: raw.prepare('RELEASE job'),
    commit: raw.prepare('COMMIT'),
  };
}

/** SQLite takes the setting between transactions only; asking for what is set already would cost as much as a small write. */
function createDurability(raw: DatabaseSync): (wanted: 'FULL' | 'NORMAL') => void {
  let current: string | undefined;
  return (wanted) => {
    if (wanted === current || !raw.isOpen) return;
    raw.exec(`PRAGMA synchronous = ${wanted}`);
    current = wanted;
  };
}

interface Waiting {
  readonly queue: Job[];
  /** Whether the next job may share this commit: others may have come while it was being filled. */
  readonly takes: (job: Job) => boolean;
}

async function runBatch(raw: DatabaseSync, control: Control, { queue, takes }: Waiting): Promise<void> {
  try {
    await begin(control);
  } catch (error) {
    for (const job of queue.splice(0)) job.reject(error);
    return;
  }
  const done: { readonly job: Job; readonly value: unknown }[] = [];
  const failed: { readonly job: Job; readonly error: unknown }[] = [];
  try {
    for (let count = 0; count < BATCH_LIMIT; count += 1) {
      const job = queue[0];
      if (!job || !takes(job)) break;
      queue.shift();
      try {
        if (job.needsSavepoint) control.savepoint.run();
        const made = job.work();
        // Waiting for what is there already would still cost a turn of the queue.
        const value = made instanceof Promise ? await made : made;
        if (job.needsSavepoint) control.release.run();
        done.push({ job, value });
      } catch (error) {
        failed.push({ job, error });
        // A full disk or a failing one ends the whole transaction, not only this job's part of it.
        if (!raw.isTransaction) throw error;
        if (job.needsSavepoint) raw.exec('ROLLBACK TO job; RELEASE job');
      }
    }
    control.commit.run();
  } catch (error) {
    rollback(raw);
    failed.push(...done.splice(0).map(({ job }) => ({ job, error })));
  }
  for (const { job, value } of done) job.resolve(value);
  for (const { job, error } of failed) job.reject(error);
}

/** On a disk that fails even this may fail; the next transaction finds out then. */
function rollback(raw: DatabaseSync): void {
  try {
    if (raw.isOpen && raw.isTransaction) raw.exec('ROLLBACK');
  } catch {
    // What failed before is what the jobs are told.
  }
}

/** Takes the write lock. SQLite itself would wait for it as well, but hold up everything else in this process meanwhile. */
async function begin(control: Control): Promise<void> {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      control.begin.run();
      return;
    } catch (error) {
      if (performance.now() - startedAtMs >= BUSY_LIMIT_MS || !isBusy(error)) throw error;
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
