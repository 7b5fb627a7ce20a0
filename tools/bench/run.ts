// `npm run bench`: what one core serves a second, on both databases, beside what node:http and the hash alone can do there.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LOADS } from './loads.ts';
import { type Figures, type Measured, measure } from './measure.ts';
import { type DatabaseKind, readOptions, USAGE } from './options.ts';
import { isPinned } from './pinned.ts';
import { count, type Row, tableText } from './report.ts';

const options = readOptions(process.argv.slice(2));
if (!options) {
  process.stdout.write(USAGE);
  process.exit(0);
}
process.stdout.write(
  isPinned
    ? `Node ${process.versions.node}; the server has core 0 for itself, the load comes from core 1.\n`
    : `Node ${process.versions.node}; NOT pinned to cores (no taskset, or one core): server and load disturb each other.\n`,
);
for (const kind of options.databases) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-bench-'));
  try {
    const figures = await measure(kind, options, { folder, say });
    say('');
    process.stdout.write(
      tableText(titleOf(kind, options.identityCount, options.sessionCount), rowsOf(figures)),
    );
    process.stdout.write(statementsText(figures));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line that replaces itself where somebody watches. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function titleOf(kind: DatabaseKind, identities: number, sessions: number): string {
  const name = kind === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  return `${name}, ${count(identities)} identities, ${count(sessions)} sessions; requests or sign-ins a second`;
}

function rowsOf(figures: Figures): readonly Row[] {
  const { bare, hashesPerSecond } = figures;
  const none = { cpu: '', p99: '', ratio: '', target: '', isReached: undefined };
  const loads = figures.loads.map(({ name, result }): Row => {
    const { target, isSignIn } = LOADS.find((load) => load.name === name) ?? {};
    const ratio = result.perSecond / (isSignIn ? hashesPerSecond : bare.perSecond);
    const reached =
      result.failures === 0 &&
      (target?.perSecond === undefined || result.perSecond >= target.perSecond) &&
      (target?.p99Ms === undefined || result.p99Ms < target.p99Ms) &&
      (target?.ofHash === undefined || ratio >= target.ofHash);
    return {
      what: result.failures > 0 ? `${name} (${result.failures} failures)` : name,
      value: count(result.perSecond),
      cpu: cpuText(result),
      p99: `${result.p99Ms} ms`,
      ratio: ratio.toFixed(2),
      target: targetText(target),
      isReached: target ? reached : undefined,
    };
  });
  return [
    {
      ...none,
      what: 'node:http alone',
      value: count(bare.perSecond),
      cpu: cpuText(bare),
      p99: `${bare.p99Ms} ms`,
      ratio: '1.00',
    },
    ...loads.filter(({ what }) => !what.startsWith('sign-in')),
    { ...none, what: 'password hash alone', value: count(hashesPerSecond), ratio: '1.00' },
    ...loads.filter(({ what }) => what.startsWith('sign-in')),
    {
      ...none,
      what: 'cold start to ready',
      value: `${count(figures.coldStartMs)} ms`,
      target: '< 500 ms',
      isReached: figures.coldStartMs < 500,
    },
    {
      ...none,
      what: 'resident when idle',
      value: `${count(figures.idleMib)} MiB`,
      target: '< 120 MiB',
      isReached: figures.idleMib < 120,
    },
    { ...none, what: 'resident after the loads', value: `${count(figures.loadedMib)} MiB` },
  ];
}

function cpuText({ cpuUs }: Measured): string {
  return `${count(cpuUs)} µs`;
}

function targetText(target: (typeof LOADS)[number]['target']): string {
  if (!target) return '';
  return [
    ...(target.perSecond === undefined ? [] : [`>= ${count(target.perSecond)}`]),
    ...(target.ofHash === undefined ? [] : [`>= ${target.ofHash} of hash`]),
    ...(target.p99Ms === undefined ? [] : [`p99 < ${target.p99Ms} ms`]),
  ].join(', ');
}

function statementsText({ statements }: Figures): string {
  const lines = statements.map((of) => `  ${of.endpoint.padEnd(32)} ${of.statements.length}`);
  return ['Statements that an endpoint sends to its database:', ...lines, ''].join('\n');
}
