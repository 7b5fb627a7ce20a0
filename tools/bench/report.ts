// The measured figures as a table that a terminal can show.

export interface Row {
  readonly what: string;
  readonly value: string;
  readonly cpu: string;
  readonly p99: string;
  /** Part of what node:http, or the hash, alone can do in the same run. */
  readonly ratio: string;
  readonly target: string;
  /** Undefined where there is no target. */
  readonly isReached: boolean | undefined;
}

const HEADS: Readonly<Record<keyof Row, string>> = {
  what: '',
  value: 'measured',
  cpu: 'CPU each',
  p99: 'p99',
  ratio: 'ratio',
  target: 'target',
  isReached: '',
};

export function tableText(title: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => ({
    ...row,
    isReached: row.isReached === undefined ? '' : row.isReached ? 'ok' : 'MISSED',
  }));
  // The keys are those of HEADS.
  const columns = Object.keys(HEADS) as (keyof Row)[];
  const width = (column: keyof Row): number =>
    Math.max(HEADS[column].length, ...lines.map((line) => line[column].length));
  const lineText = (line: Readonly<Record<keyof Row, string>>): string =>
    columns
      .map((column) =>
        column === 'what' || column === 'isReached'
          ? line[column].padEnd(width(column))
          : line[column].padStart(width(column)),
      )
      .join('  ')
      .trimEnd();
  return ['', title, lineText(HEADS), ...lines.map(lineText), ''].join('\n');
}

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');
