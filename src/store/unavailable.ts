// Errors that mean that the database cannot be used at the moment, whoever asks and whatever for.

/** Errors themselves are kept as the drivers made them: commands tell people what their codes mean. */
const marked = new WeakSet<object>();

/** True where asking again later may help: no connection, no answer, no room, no permission to write. */
export function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return marked.has(error) || isSqliteUnavailable(error);
}

/** BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: the low byte of the extended result code. */
const SQLITE_CODES: ReadonlySet<number> = new Set([5, 6, 8, 10, 13, 14]);

function isSqliteUnavailable(error: object): boolean {
  return 'errcode' in error && typeof error.errcode === 'number' && SQLITE_CODES.has(error.errcode & 0xff);
}

/**
 * Of PostgreSQL: connection lost or refused (08), no resources (53: connections, memory, disk), shutting down or starting
 * (57P01 to 57P05), input or output failed (58), and a standby, or a primary that became one (25006).
 */
const POSTGRES_CODES = /^(?:08|53|58)[0-9A-Z]{3}$|^57P0[1-5]$|^25006$/;
const SYSTEM_CODES: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EACCES'],
]);
/** The driver's own, which have no code. */
const DRIVER_TEXTS =
  /^(?:timeout exceeded|Connection terminated|Client (?:was closed|has encountered|has already))/;

/** Marks what the driver of PostgreSQL threw where it means that. True where it does. */
export function markPostgresError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isGone =
    code === undefined
      ? DRIVER_TEXTS.test(error.message)
      : POSTGRES_CODES.test(code) || SYSTEM_CODES.has(code);
  if (isGone) marked.add(error);
  return isGone;
}

/** Of a database that has stopped to answer. */
export function silentError(): Error {
  const error = new Error('the database does not answer');
  marked.add(error);
  return error;
}
