// What `npm run bench -- …` was asked for.
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CompareOptions } from './compare.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export const USAGE = `npm run bench -- [options]
  --sqlite, --postgres   only this database (default: both)
  --seconds N            measured time of each load (default 4)
  --quick                one second for each load, a tenth of the data, two cold starts
  --only TEXT            only loads whose name contains TEXT
  --against COMMAND      compares this checkout with another server, such as an older one or a Kratos: COMMAND is what is
                         put before "serve -c FILE"; both get the same requests in turn, on SQLite
  --command COMMAND      what --against is compared with (default: this checkout)
  --rounds N, --people N of a comparison (default 5 and 2000)
  --profile DIR          writes a CPU profile of the server into DIR (open it in a browser's developer tools)
`;

export type DatabaseKind = 'sqlite' | 'postgres';

export interface BenchOptions {
  readonly databases: readonly DatabaseKind[];
  readonly seconds: number;
  readonly identityCount: number;
  readonly sessionCount: number;
  readonly coldStarts: number;
  readonly only: string | undefined;
  readonly profileFolder: string | undefined;
  readonly comparison: CompareOptions | undefined;
}

/** Undefined where only the usage was asked for. Throws where an argument is not known. */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      sqlite: { type: 'boolean', default: false },
      postgres: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      profile: { type: 'string' },
      against: { type: 'string' },
      command: { type: 'string', default: `${process.execPath} ${path.join(ROOT, 'bin/bia.mjs')}` },
      rounds: { type: 'string', default: '5' },
      people: { type: 'string', default: '2000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const chosen = (['sqlite', 'postgres'] as const).filter((kind) => values[kind]);
  const seconds = Number(values.seconds ?? (values.quick ? 1 : 4));
  if (!(seconds >= 1)) throw new Error('--seconds takes a number from 1 on');
  const scale = values.quick ? 0.1 : 1;
  return {
    databases: chosen.length > 0 ? chosen : ['sqlite', 'postgres'],
    seconds,
    identityCount: 100_000 * scale,
    sessionCount: 10_000 * scale,
    coldStarts: values.quick ? 3 : 7,
    only: values.only,
    profileFolder: values.profile,
    comparison:
      values.against === undefined
        ? undefined
        : {
            commands: [values.command, values.against],
            identityCount: Number(values.people),
            rounds: Number(values.rounds),
            requests: values.quick ? 2_000 : 20_000,
            only: values.only,
          },
  };
}
