// The terminal and the process around a command.
import { text } from 'node:stream/consumers';
import { processEnv } from '../../config/process.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Io } from './command.ts';
import { programName } from './program-name.ts';

/** `script` is the file that Node runs. */
export function createProcessIo(script: string | undefined): Io {
  const { stdin, stdout, stderr } = process;
  // Whoever reads our output may stop reading, such as `head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    out: (written) => void stdout.write(written),
    err: (written) => void stderr.write(written),
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    hasLiveErr: stderr.isTTY === true,
    ask: async (question) => {
      // On stderr, so that a result can be piped on.
      const { createInterface } = await import('node:readline/promises');
      const terminal = createInterface({ input: stdin, output: stderr });
      try {
        return await terminal.question(question);
      } finally {
        terminal.close();
      }
    },
    readStdin: () => text(stdin),
    onStopSignal: (listener) => {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
    },
    exitNow: (code) => process.exit(code),
    nowMs: () => systemClock.nowMs(),
    env: processEnv(),
    program: programName(script, { env: processEnv(), folder: process.cwd() }),
  };
}

/** Ends the process once everything is written: a pipe may still hold the end of a long list. */
export async function endProcess(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => resolve());
    });
  }
  process.exit(code);
}
