// A database that reads and refuses to write, for the time in which nothing may change.
import type { ApiError } from '../protocol/api-error.ts';
import { readOnly } from '../protocol/refusals.ts';
import type { Handle } from './handle.ts';

/** Refusals made here: they are wanted, and no fault for the log. */
const made = new WeakSet<ApiError>();

export const isReadOnlyRefusal = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && made.has(error as ApiError); // membership is all that is asked

/** Rejects like a database that cannot be written to. */
export function refuseWriting(): Promise<never> {
  const error = readOnly();
  made.add(error);
  return Promise.reject(error);
}

/** The same database, whose writes are all refused. */
export const readingOnly = (handle: Handle): Handle => ({
  ...handle,
  write: refuseWriting,
  writeOne: refuseWriting,
  writeText: refuseWriting,
});
