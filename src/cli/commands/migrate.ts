// `bia migrate sql up | down | status`.
import { setTimeout as wait } from 'node:timers/promises';
import {
  type CommandContext,
  CommandError,
  type Handler,
  type Invocation,
  type MigrationTarget,
} from '../line/command.ts';
import { confirm } from '../line/confirm.ts';
import { alignColumns, refuseUnknownFormat, writeResult } from '../line/result.ts';
import { databaseName } from './database-name.ts';
import { isOfDatabase, toCommandError, troubleOfError } from './database-trouble.ts';
import { chooseDsn } from './dsn-choice.ts';

export const migrateUp: Handler = (invocation, context) =>
  withDatabase(invocation, context, async (database, name) => {
    const { io } = context;
    const pending = (await database.migrationStatus()).filter(({ status }) => status === 'pending');
    if (pending.length === 0) {
      io.out(`${name} is up to date.\n`);
      return 0;
    }
    const plan = alignColumns([['Version', 'Name'], ...pending.map((row) => [row.version, row.name])]);
    io.out(`To be applied to ${name}:\n${plan.map((line) => `  ${line}\n`).join('')}`);
    if (!(await confirm('Apply them?', invocation, io))) return 1;
    const applied = await database.migrateUp();
    io.out(`Applied ${applied.length} of ${pending.length}. The database is up to date.\n`);
    return 0;
  });

export const migrateDown: Handler = async () => {
  throw new CommandError(
    'migrations only go forward: going back would drop columns with data in them',
    'restore the backup from before the upgrade, and start the older version on it',
  );
};

export const migrateStatus: Handler = (invocation, context) => {
  refuseUnknownFormat(invocation);
  return withDatabase(invocation, context, async (database) => {
    const rows = await (invocation.isOn('block') ? whenNonePending(database) : database.migrationStatus());
    await writeResult(
      {
        json: rows.map(({ version, name, status }) => ({ version, name, status })),
        columns: ['Version', 'Name', 'Status'],
        rows: rows.map((row) => [row.version, row.name, row.status === 'applied' ? 'Applied' : 'Pending']),
        ids: rows.filter(({ status }) => status === 'pending').map(({ version }) => version),
      },
      invocation,
      context.io,
    );
    const hasPending = rows.some(({ status }) => status === 'pending');
    return hasPending && invocation.isOn('exit-code') ? 1 : 0;
  });
};

const LOOK_EVERY_MS = 1_000;

/** Another job brings the database up to date; whoever has to come after it waits here. */
async function whenNonePending(
  database: MigrationTarget,
): Promise<Awaited<ReturnType<MigrationTarget['migrationStatus']>>> {
  for (;;) {
    const rows = await database.migrationStatus();
    if (rows.every(({ status }) => status === 'applied')) return rows;
    await wait(LOOK_EVERY_MS);
  }
}

async function withDatabase<T>(
  invocation: Invocation,
  { io, deps }: CommandContext,
  work: (database: MigrationTarget, name: string) => Promise<T>,
): Promise<T> {
  const dsn = chooseDsn(invocation, io.env);
  const name = databaseName(dsn);
  let database: MigrationTarget;
  try {
    database = await deps.openDatabase(dsn);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
  try {
    return await work(database, name);
  } catch (error) {
    throw unusableDatabase(error, name);
  } finally {
    await database.close();
  }
}

/** What kept a command from its database, told with what to do; anything else as it came. */
export function unusableDatabase(error: unknown, name: string): unknown {
  return error instanceof CommandError || !isOfDatabase(error)
    ? error
    : toCommandError(troubleOfError(error, name));
}
