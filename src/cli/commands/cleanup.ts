// `bia cleanup sql`: removes what is over, for schedules that call it.
import { parseDurationMs } from '../../lib/duration.ts';
import { CommandError, type Handler, type Invocation, UsageError } from '../line/command.ts';
import { wholeNumber } from '../line/flags.ts';
import { databaseName } from './database-name.ts';
import { chooseDsn } from './dsn-choice.ts';
import { unusableDatabase } from './migrate.ts';

export const cleanUpSql: Handler = async (invocation, { io, deps }) => {
  const dsn = chooseDsn(invocation, io.env);
  const name = databaseName(dsn);
  const request = {
    dsn,
    keepMs: duration(invocation, 'keep-last'),
    batchSize: wholeNumber(invocation, 'database.cleanup.batch_size', { min: 1, max: 100_000 }),
    restMs: duration(invocation, 'database.cleanup.sleep.tables'),
  };
  const removed = await deps.cleanUp(request).catch((error: unknown) => {
    throw hasNoTables(error)
      ? new CommandError(`${name} has no tables yet`, 'make them with: bia migrate sql up')
      : unusableDatabase(error, name);
  });
  const parts = Object.entries(removed).map(([kind, count]) => `${count} ${kind}`);
  io.out(`Removed from ${name}: ${parts.join(', ')}.\n`);
  return 0;
};

/** As SQLite says it, and by the code of PostgreSQL. */
function hasNoTables(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^no such table/.test(error.message) || ('code' in error && error.code === '42P01');
}

function duration(invocation: Invocation, flag: string): number {
  const text = invocation.text(flag) ?? '';
  try {
    const ms = parseDurationMs(text);
    if (ms >= 0) return ms;
  } catch {
    // Told below, like a negative one.
  }
  throw new UsageError(`--${flag} takes a duration such as 8h or 1m30s, not "${text}"`);
}
