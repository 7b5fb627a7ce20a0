// A SQLite database is copied while servers use it, and put back while none does.
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';

/** What keeps a copy from being made or put back, in words for people. */
export class BackupError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'BackupError';
    this.hint = hint;
  }
}

/** More pages than a file can have: all of them in one step, so that writers cannot make it begin again and again. */
const ALL_PAGES = 0x7f_ff_ff_ff;

/**
 * Copies the state of one moment into a new file, which is complete and checked when its name appears.
 * Readers and writers go on meanwhile. Throws BackupError.
 */
export async function backupSqlite(file: string, to: string): Promise<{ readonly pages: number }> {
  if (!existsSync(file)) throw new BackupError(`${file} is not there`, 'is the DSN right?');
  if (existsSync(to)) {
    throw new BackupError(`${to} is there already`, 'name a file that is not: backups are not overwritten');
  }
  const partial = `${to}.partial`;
  rmSync(partial, { force: true });
  // Made here, since it holds everything that the database holds: for this user alone.
  closeSync(openSync(partial, 'wx', 0o600));
  const source = new DatabaseSync(file, { readOnly: true });
  try {
    source.exec('PRAGMA busy_timeout = 10000');
    const pages = await backup(source, partial, { rate: ALL_PAGES });
    checkBackup(partial);
    moveInto(partial, to);
    return { pages };
  } finally {
    source.close();
    removeDatabase(partial);
  }
}

/**
 * Puts a backup in the place of the database, and keeps what was there under another name, which it returns.
 * Throws BackupError, also while a process has the database open.
 */
export async function restoreSqlite(
  file: string,
  of: { readonly from: string; readonly keepAs: string },
): Promise<{ readonly kept: string | undefined }> {
  const { from, keepAs } = of;
  if (!existsSync(from))
    throw new BackupError(`${from} is not there`, 'name a file that bia backup has made');
  checkBackup(from);
  const isReplacing = existsSync(file);
  if (isReplacing) closeWriteAheadLog(file);
  const partial = `${file}.restoring`;
  await copyFile(from, partial);
  chmodSync(partial, 0o600);
  if (isReplacing) renameSync(file, keepAs);
  moveInto(partial, file);
  return { kept: isReplacing ? keepAs : undefined };
}

/** Throws BackupError where the file is damaged or no database of ours. */
function checkBackup(file: string): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const faults = database.prepare('PRAGMA integrity_check(1)').all();
    if (faults[0]?.['integrity_check'] !== 'ok') throw new Error(String(faults[0]?.['integrity_check']));
    database.prepare('select count(*) from bia_migrations').get();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`${file} is no sound database of Bia: ${reason}`, 'take another backup');
  } finally {
    database?.close();
  }
}

/** Everything that was written is in the one file afterwards. SQLite allows it only to whoever has the database alone. */
function closeWriteAheadLog(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 1000');
    const [row] = database.prepare('PRAGMA journal_mode = DELETE').all();
    if (row?.['journal_mode'] !== 'delete') throw new Error('database is locked');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw /locked|busy/i.test(reason)
      ? new BackupError(`${file} is in use`, 'stop the server first')
      : new BackupError(`${file} cannot be replaced: ${reason}`, 'move it away by hand');
  } finally {
    database.close();
  }
}

/** On the disk before it has its name, and its name on the disk before anybody is told. */
function moveInto(partial: string, file: string): void {
  syncToDisk(partial);
  renameSync(partial, file);
  syncToDisk(path.dirname(path.resolve(file)));
}

function syncToDisk(name: string): void {
  const handle = openSync(name, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}
