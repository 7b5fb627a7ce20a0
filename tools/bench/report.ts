// The measured figures as a table that a terminal can show.
import type { LOADS } from './loads.ts';
import type { Figures, Measured } from './measure.ts';

interface Row {
  readonly what: string;
  readonly value: string;
  readonly cpu: string;
  readonly share: string;
  readonly p99: string;
  readonly ratio: string;
  readonly ratioByCpu: string;
  readonly target: string;
  readonly verdict: string;
}

const HEADS: Readonly<Row> = {
  what: '',
  value: 'measured',
  cpu: 'CPU each',
  share: 'of core',
  p99: 'p99',
  ratio: 'ratio',
  ratioByCpu: 'by CPU',
  target: 'target',
  verdict: '',
};

const LEGEND = `  of core  part of its core that the server got; the rest went to other processes, or it waited for requests
  ratio    rate (or time of a start), compared with node:http (or the hash) alone in the same run
  by CPU   the same by processor time, which hardly depends on what else the machine is doing
`;

/** Below, somebody else used the core as well, and a rate says little about the server. */
const WHOLE_CORE = 0.85;
const COLD_START_MS = 500;
const IDLE_MIB = 120;

type Target = NonNullable<(typeof LOADS)[number]['target']>;

/** `title` stands above the table. */
export function figuresText(title: string, figures: Figures): string {
  return [tableText(title, rowsOf(figures)), LEGEND, '\n', statementsText(figures)].join('');
}

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

function rowsOf(figures: Figures): readonly Row[] {
  const { bare, hash } = figures;
  const rows = (isSignIn: boolean): readonly Row[] =>
    figures.loads
      .filter(({ load }) => Boolean(load.isSignIn) === isSignIn)
      .map(({ load, result }) =>
        loadRow(load.name, result, { to: isSignIn ? hash : bare, target: load.target }),
      );
  const limit = (what: string, value: number, most: number, unit: string): Row => ({
    ...EMPTY,
    what,
    value: `${count(value)} ${unit}`,
    target: `< ${most} ${unit}`,
    verdict: value < most ? 'ok' : 'MISSED',
  });
  const { coldStart, bareStart } = figures;
  const started = limit('cold start to ready', coldStart.wallMs, COLD_START_MS, 'ms');
  return [
    loadRow('node:http alone', bare, { to: bare, target: undefined }),
    ...rows(false),
    loadRow('password hash alone', hash, { to: hash, target: undefined }),
    ...rows(true),
    {
      ...EMPTY,
      what: 'cold start of node:http alone',
      value: `${count(bareStart.wallMs)} ms`,
      cpu: `${count(bareStart.cpuMs)} ms`,
    },
    {
      ...started,
      cpu: `${count(coldStart.cpuMs)} ms`,
      ratio: (coldStart.wallMs / bareStart.wallMs).toFixed(1),
      ratioByCpu: (coldStart.cpuMs / bareStart.cpuMs).toFixed(1),
    },
    limit('resident when idle', figures.idleMib, IDLE_MIB, 'MiB'),
    { ...EMPTY, what: 'resident after the loads', value: `${count(figures.loadedMib)} MiB` },
  ];
}

const EMPTY: Row = {
  ...{ what: '', value: '', cpu: '', share: '', p99: '' },
  ...{ ratio: '', ratioByCpu: '', target: '', verdict: '' },
};

function loadRow(
  name: string,
  result: Measured,
  { to, target }: { readonly to: Measured; readonly target: Target | undefined },
): Row {
  const ratio = result.perSecond / to.perSecond;
  return {
    what: result.failures > 0 ? `${name} (${result.failures} failures)` : name,
    value: count(result.perSecond),
    cpu: `${count(result.cpuUs)} µs`,
    share: `${Math.round(result.coreShare * 100)} %`,
    p99: result.p99Ms === undefined ? '' : `${result.p99Ms} ms`,
    ratio: ratio.toFixed(2),
    ratioByCpu: (to.cpuUs / result.cpuUs).toFixed(2),
    target: targetText(target),
    verdict: target ? verdict(result, { target, ratio, to }) : '',
  };
}

function verdict(
  result: Measured,
  { target, ratio, to }: { readonly target: Target; readonly ratio: number; readonly to: Measured },
): string {
  // A ratio of two rates says nothing where one of the two had more of the core than the other.
  const isComparable = Math.min(result.coreShare, to.coreShare) >= WHOLE_CORE;
  if (target.ofHash !== undefined && !isComparable) return 'UNCLEAR: with a part of the core';
  const isReached =
    result.failures === 0 &&
    result.perSecond >= (target.perSecond ?? 0) &&
    (target.p99Ms === undefined || (result.p99Ms ?? Number.NaN) < target.p99Ms) &&
    ratio >= (target.ofHash ?? 0);
  if (isReached) return 'ok';
  if (result.coreShare >= WHOLE_CORE) return 'MISSED';
  return `MISSED with a part of the core; the whole would serve ${count(1e6 / result.cpuUs)}`;
}

function targetText(target: Target | undefined): string {
  if (!target) return '';
  return [
    ...(target.perSecond === undefined ? [] : [`>= ${count(target.perSecond)}`]),
    ...(target.ofHash === undefined ? [] : [`>= ${target.ofHash} of hash`]),
    ...(target.p99Ms === undefined ? [] : [`p99 < ${target.p99Ms} ms`]),
  ].join(', ');
}

function tableText(title: string, rows: readonly Row[]): string {
  // The keys are those of HEADS.
  const columns = Object.keys(HEADS) as (keyof Row)[];
  const width = (column: keyof Row): number =>
    Math.max(HEADS[column].length, ...rows.map((row) => row[column].length));
  const isText = (column: keyof Row): boolean => column === 'what' || column === 'verdict';
  const lineText = (row: Row): string =>
    columns
      .map((column) =>
        isText(column) ? row[column].padEnd(width(column)) : row[column].padStart(width(column)),
      )
      .join('  ')
      .trimEnd();
  return ['', title, lineText(HEADS), ...rows.map(lineText), ''].join('\n');
}

function statementsText({ statements }: Figures): string {
  const lines = statements.map((of) => `  ${of.endpoint.padEnd(32)} ${of.statements.length}`);
  return ['Statements that an endpoint sends to its database:', ...lines, ''].join('\n');
}
