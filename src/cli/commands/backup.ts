// `bia backup` and `bia restore`: a SQLite database, copied while it is used and put back while it is not.
import { parseDsn } from '../../config/dsn.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { CommandError, type Handler, type Invocation, type Io, UsageError } from '../line/command.ts';
import { confirm } from '../line/confirm.ts';
import { databaseName } from './database-name.ts';
import { chooseDsn } from './dsn-choice.ts';

export const backupDatabase: Handler = async (invocation, { io, deps }) => {
  const { file, name } = sqliteFile(invocation, io, 'pg_dump --format=custom');
  const to = required(invocation, 'to');
  const { backupSqlite } = await deps.backups();
  await told(backupSqlite(file, to));
  io.out(`${name} was copied to ${to}, and the copy is sound.\n`);
  return 0;
};

export const restoreDatabase: Handler = async (invocation, { io, deps }) => {
  const { file, name } = sqliteFile(invocation, io, 'pg_restore');
  const from = required(invocation, 'from');
  if (!(await confirm(`Put ${from} in the place of ${name}?`, invocation, io))) return 1;
  const { restoreSqlite } = await deps.backups();
  const keepAs = `${file}.before-${toRfc3339(io.nowMs()).replaceAll(/[^0-9TZ]/g, '')}`;
  const { kept } = await told(restoreSqlite(file, { from, keepAs }));
  io.out(`${from} is ${name} now.\n`);
  if (kept !== undefined) io.out(`What was there before is kept as ${kept}.\n`);
  return 0;
};

function required(invocation: Invocation, flag: 'to' | 'from'): string {
  const value = invocation.text(flag);
  if (value) return value;
  throw new UsageError(`--${flag} is missing`, `write: --${flag} bia-backup.sqlite`);
}

function sqliteFile(
  invocation: Invocation,
  io: Io,
  elsewhere: string,
): { readonly file: string; readonly name: string } {
  const text = chooseDsn(invocation, io.env);
  const dsn = parseDsn(text);
  const name = databaseName(text);
  if (dsn.kind === 'postgres') {
    throw new CommandError(
      `${name} has tools of its own for this`,
      `use ${elsewhere}; see docs/guides/backups.md`,
    );
  }
  if (dsn.path === ':memory:') throw new CommandError('a database in memory cannot be kept');
  return { file: dsn.path, name };
}

/** Faults in words. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'hint' in error && typeof error.hint === 'string') {
      throw new CommandError(error.message, error.hint);
    }
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}
