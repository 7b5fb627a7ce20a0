// `bia identities import`: files -> batches -> a summary of what was created, skipped and refused.
import { appendFileSync, writeFileSync } from 'node:fs';
import { isJsonObject } from '../../../lib/json.ts';
import { createAdminApi } from '../../admin-api.ts';
import { CommandError, type ExitCode, type Handler, type Io } from '../../line/command.ts';
import { wholeNumber } from '../../line/flags.ts';
import { createProgress } from '../../line/progress.ts';
import { type Result, refuseUnknownFormat, writeResult } from '../../line/result.ts';
import { type IdentityEntry, readIdentities } from './files.ts';
import { batches, type ImportEntry, type ImportFailure, sendBatch } from './import-batch.ts';
import { asRequest, identityShapeFaults } from './shape.ts';

const MAX_BATCH = 1000;
/** Failures that the summary tells one by one; all of them are in the file of --failures and in JSON. */
const SHOWN_FAILURES = 20;

interface Tally {
  readonly ids: string[];
  readonly failures: ImportFailure[];
  skipped: number;
}

export const importIdentities: Handler = async (invocation, { io }) => {
  const api = createAdminApi(invocation);
  refuseUnknownFormat(invocation);
  const size = wholeNumber(invocation, 'batch-size', { min: 1, max: MAX_BATCH });
  const failuresFile = invocation.text('failures');
  if (failuresFile !== undefined) emptyFile(failuresFile);
  const isSkipping = invocation.isOn('skip-existing');
  const tally: Tally = { ids: [], failures: [], skipped: 0 };
  const fail = (failure: ImportFailure): void => {
    if (failure.isConflict && isSkipping) {
      tally.skipped += 1;
      return;
    }
    tally.failures.push(failure);
    if (failuresFile !== undefined) appendFileSync(failuresFile, `${failureLine(failure)}\n`);
  };
  const progress = createProgress(io, 'imported');
  let broken: unknown;
  try {
    for await (const batch of batches(sendable(readIdentities(invocation.positionals, io), fail), size)) {
      const { ids, failures } = await sendBatch(api, batch);
      tally.ids.push(...ids);
      failures.forEach(fail);
      progress.update(tally.ids.length);
    }
  } catch (error) {
    broken = error;
  }
  progress.finish();
  reportFailures(tally.failures, io);
  await writeResult(summary(tally), invocation, io);
  if (broken !== undefined) throw stopped(broken, tally);
  return exitCode(tally);
};

/** Entries that the server could take; the others fail at once, since one of them would fail its whole batch. */
async function* sendable(
  entries: AsyncIterable<IdentityEntry>,
  fail: (failure: ImportFailure) => void,
): AsyncGenerator<ImportEntry> {
  for await (const { source, value: written, fault } of entries) {
    const value = asRequest(written);
    const faults = fault === undefined ? identityShapeFaults(value) : [fault];
    if (faults.length === 0 && isJsonObject(value)) yield { source, value };
    else fail({ source, value, reason: faults.join('; '), isConflict: false, isUnread: fault !== undefined });
  }
}

/** A line that could not be read stays as it was, to be mended. */
const failureLine = ({ value, isUnread }: ImportFailure): string =>
  isUnread && typeof value === 'string' ? value : JSON.stringify(value);

function emptyFile(file: string): void {
  try {
    // Identities may carry passwords.
    writeFileSync(file, '', { mode: 0o600 });
  } catch (error) {
    throw new CommandError(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function reportFailures(failures: readonly ImportFailure[], io: Io): void {
  for (const { source, reason } of failures.slice(0, SHOWN_FAILURES))
    io.err(`failed: ${source}: ${reason}\n`);
  const more = failures.length - SHOWN_FAILURES;
  if (more > 0)
    io.err(`… and ${more} more; see all of them with --format json, or keep them with --failures FILE\n`);
}

function summary({ ids, failures, skipped }: Tally): Result {
  return {
    json: { imported: ids, skipped, failed: failures.map(({ source, reason }) => ({ source, reason })) },
    columns: ['IMPORTED', 'SKIPPED', 'FAILED'],
    rows: [[String(ids.length), String(skipped), String(failures.length)]],
    ids,
    isSingle: true,
  };
}

const exitCode = ({ failures }: Tally): ExitCode => (failures.length > 0 ? 1 : 0);

/** What was created stays; say how to go on. */
function stopped(error: unknown, { ids }: Tally): unknown {
  if (!(error instanceof CommandError) || ids.length === 0) return error;
  const goOn = 'to go on, run it again with --skip-existing';
  return new CommandError(
    `stopped after ${ids.length} identities: ${error.message}`,
    error.hint === undefined ? goOn : `${error.hint}; ${goOn}`,
  );
}
