// A terminal in memory for tests of commands.

import { COMMANDS } from '../commands/list.ts';
import type { Invocation, Io } from './command.ts';
import { parseCommandLine } from './parse.ts';

export interface TestIo extends Io {
  readonly written: () => { readonly out: string; readonly err: string };
}

export function createTestIo(parts: Partial<Io> = {}): TestIo {
  let out = '';
  let err = '';
  return {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isInteractive: false,
    hasLiveErr: false,
    ask: () => Promise.reject(new Error('nobody is there to answer')),
    readStdin: () => Promise.resolve(''),
    onStopSignal: () => undefined,
    exitNow: () => undefined,
    nowMs: () => 0,
    env: {},
    program: 'bia',
    ...parts,
    written: () => ({ out, err }),
  };
}

/** A parsed command line. */
export function invocationOf(...words: readonly string[]): Invocation {
  const parsed = parseCommandLine(words, COMMANDS, {});
  if (parsed.kind !== 'run') throw new Error(`${words.join(' ')} runs nothing`);
  return parsed.invocation;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
