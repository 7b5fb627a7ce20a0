// What `npm run bench -- …` was asked for.
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]
  --sqlite, --postgres   only this database (default: both)
  --seconds N            measured time of each load (default 4)
  --quick                one second for each load, a tenth of the data, two cold starts
  --only TEXT            only loads whose name contains TEXT
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
  };
}
