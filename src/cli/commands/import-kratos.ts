// `bia import kratos`: shows how far it is, and in the end what was carried over and what was not.
import { appendFileSync, writeFileSync } from 'node:fs';
import type { Json } from '../../lib/json.ts';
import {
  CommandError,
  type Handler,
  type Invocation,
  type Io,
  type KratosImported,
  UsageError,
} from '../line/command.ts';
import { wholeNumber } from '../line/flags.ts';
import { createProgress } from '../line/progress.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { explained, whenStopped } from './running.ts';

const MOST_AT_ONCE = 5_000;

export const importKratos: Handler = async (invocation, { io, deps }) => {
  refuseUnknownFormat(invocation);
  const kratosFiles = invocation.all('config');
  if (kratosFiles.length === 0) {
    throw new UsageError('the configuration of Kratos is missing', 'name it: --config kratos.yml');
  }
  const biaFiles = invocation.all('bia-config');
  const batchSize = wholeNumber(invocation, 'batch-size', { min: 1, max: MOST_AT_ONCE });
  const isDryRun = invocation.isOn('dry-run');
  const stop = stopRequest(io);
  const progress = createProgress(io, 'read');
  let done = 0;
  let imported: KratosImported;
  try {
    imported = await deps.importKratos({
      kratosFiles,
      ...(biaFiles.length > 0 ? { biaFiles } : {}),
      ...named(invocation, 'from'),
      ...named(invocation, 'to'),
      env: io.env,
      isDev: invocation.isOn('dev'),
      batchSize,
      isDryRun,
      isStopped: stop,
      onStart: (total) => io.err(`${total} identities in Kratos\n`),
      onProgress: (by) => {
        done += by;
        progress.update(done);
      },
      onProblem: problemWriter(invocation.text('problems')),
    });
  } catch (error) {
    throw explained(error);
  }
  progress.finish();
  await writeSummary(imported, invocation, { io, isDryRun });
  const isComplete = !imported.isStopped && imported.problems.length === 0;
  return isComplete ? 0 : 1;
};

function named<Name extends 'from' | 'to'>(
  invocation: Invocation,
  name: Name,
): { readonly [key in Name]?: string } {
  const value = invocation.text(name);
  // The cast names the one key that is there.
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: string };
}

/** A signal lets the batch end; after a second one nothing is lost either. */
function stopRequest(io: Io): () => boolean {
  let isAsked = false;
  void whenStopped(io).then(() => {
    isAsked = true;
  });
  return () => isAsked;
}

function problemWriter(file: string | undefined): (problem: object) => void {
  if (file === undefined) return () => undefined;
  try {
    writeFileSync(file, '', { mode: 0o600 });
  } catch (error) {
    throw new CommandError(
      `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return (problem) => appendFileSync(file, `${JSON.stringify(problem)}\n`);
}

const KINDS = [
  ['identity', 'identities'],
  ['session', 'sessions'],
  ['flow', 'codes and links on their way'],
] as const;
const FATES = ['new', 'changed', 'unchanged', 'removed', 'kept', 'failed'] as const;

async function writeSummary(
  imported: KratosImported,
  invocation: Invocation,
  { io, isDryRun }: { readonly io: Io; readonly isDryRun: boolean },
): Promise<void> {
  const rows = KINDS.map(([kind, name]) => [
    name,
    ...FATES.map((fate) => String(imported.counts[kind][fate])),
  ]);
  await writeResult(
    {
      // Plain data all the way down.
      json: { ...imported, dry_run: isDryRun } as unknown as Json,
      columns: ['', ...FATES.map((fate) => fate.toUpperCase())],
      rows,
      ids: [],
    },
    invocation,
    io,
  );
  const { problems, leftBehind } = imported;
  if (problems.length > 0) {
    io.err('\nNot carried over, or not wholly:\n');
    for (const { kind, reason, count, ids } of problems) {
      const more = count > ids.length ? ', …' : '';
      io.err(`  ${count} × ${kind}: ${reason} (${ids.join(', ')}${more})\n`);
    }
  }
  if (leftBehind.length > 0) {
    io.err('\nStays with Kratos:\n');
    for (const { what, count } of leftBehind) io.err(`  ${count} × ${what}\n`);
  }
  if (imported.isStopped) io.err('\nStopped before the end. Run it again to go on.\n');
  if (isDryRun) io.err('\nThis was a dry run: nothing was written.\n');
}
