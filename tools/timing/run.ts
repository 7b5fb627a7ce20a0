// `npm run timing`: can one tell by time who has an account? By hand, since other work on the machine disturbs it.
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../test/support/postgres.ts';
import { CASES, type TimedCase } from './cases.ts';
import { startTimedServer, type TimedServer } from './server.ts';
import { type Comparison, compare } from './statistics.ts';

const USAGE = `npm run timing -- [options]
  --postgres     PostgreSQL in place of SQLite
  --pairs N      timed requests of each kind (default 400)
  --only TEXT    only cases whose name contains TEXT
`;

const { values } = parseArgs({
  options: {
    postgres: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '400' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

/** Where there is no difference, one run in a thousand goes beyond it. */
const Z_LIMIT = 3.29;
/** What is less is lost on the way: networks, even those inside a data centre, vary by more from packet to packet. */
const DIFFERENCE_LIMIT_US = 25;
const ACCOUNTS = 300;
const WARM_UP_PAIRS = 50;

const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-timing-'));
const postgres = values.postgres ? await startPostgres() : undefined;
try {
  const server = await startTimedServer(
    postgres ? postgres.url : `sqlite://${path.join(folder, 'timing.sqlite')}`,
    ACCOUNTS,
  );
  try {
    const wanted = CASES.filter(({ name }) => name.includes(values.only));
    let isTold = false;
    for (const timed of wanted) {
      const result = await measure(server, timed, Number(values.pairs));
      isTold ||= tells(result);
      process.stdout.write(lineOf(timed.name, result));
    }
    process.stdout.write(
      isTold
        ? 'Verdict: time tells who has an account.\n'
        : 'Verdict: known and unknown addresses cannot be told apart by time.\n',
    );
    process.exitCode = isTold ? 1 : 0;
  } finally {
    await server.close();
  }
} finally {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Known and unknown ones take turns in random order, so that whatever drifts drifts for both. */
async function measure(server: TimedServer, timed: TimedCase, pairs: number): Promise<Comparison> {
  const known: number[] = [];
  const unknown: number[] = [];
  for (let pair = -WARM_UP_PAIRS; pair < pairs; pair += 1) {
    const someone = server.known[randomInt(server.known.length)] ?? '';
    // As long as the known ones, and never the same twice.
    const nobody = `person-${randomInt(2_000_000, 9_999_999)}@example.org`;
    const isKnownFirst = randomInt(2) === 0;
    for (const isKnown of isKnownFirst ? [true, false] : [false, true]) {
      const us = await timeOf(server, timed, isKnown ? someone : nobody);
      if (pair >= 0) (isKnown ? known : unknown).push(us);
    }
  }
  return compare(known, unknown);
}

async function timeOf(server: TimedServer, timed: TimedCase, address: string): Promise<number> {
  const send = await timed.prepare(server, address);
  const startedAt = process.hrtime.bigint();
  const answer = await send();
  await answer.arrayBuffer();
  const us = Number(process.hrtime.bigint() - startedAt) / 1_000;
  if (answer.status !== 400 && answer.status !== 200) throw new Error(`${timed.name}: ${answer.status}`);
  return us;
}

function tells({ z, differenceUs }: Comparison): boolean {
  return Math.abs(z) > Z_LIMIT && Math.abs(differenceUs) > DIFFERENCE_LIMIT_US;
}

function lineOf(name: string, result: Comparison): string {
  const us = (value: number): string => `${value.toFixed(0)} µs`.padStart(9);
  const verdict = tells(result) ? 'TOLD APART' : 'alike';
  return [
    name.padEnd(31),
    `known ${us(result.knownMedianUs)}`,
    `unknown ${us(result.unknownMedianUs)}`,
    `difference ${us(result.differenceUs)}`,
    `z ${result.z.toFixed(2).padStart(7)}`,
    `advantage ${result.advantage.toFixed(3)}`,
    `${verdict}\n`,
  ].join('  ');
}
