// Results of commands as text: a table for people, JSON or YAML for programs, ids for scripts.
import { isJsonObject, type Json } from '../../lib/json.ts';
import { type Invocation, type Io, UsageError } from './command.ts';

export interface Result {
  readonly json: Json;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What `--quiet` writes. */
  readonly ids: readonly string[];
  /** One thing, not a list of them: written as a line for each column. */
  readonly isSingle?: boolean;
  /** Further lines of the table: name and value. */
  readonly footer?: readonly (readonly [string, string])[];
}

const NOTHING = '<none>';

/** Writes a result in the format that the flags ask for. Throws UsageError for an unknown format. */
export async function writeResult(result: Result, invocation: Invocation, io: Io): Promise<void> {
  const write = formatter(invocation.text('format') ?? 'table');
  if (invocation.isOn('quiet')) io.out(result.ids.map((id) => `${id}\n`).join(''));
  else io.out(await write(result));
}

/** Throws UsageError where the format is not known; to be asked before anything is done. */
export function refuseUnknownFormat(invocation: Invocation): void {
  formatter(invocation.text('format') ?? 'table');
}

function formatter(format: string): (result: Result) => Promise<string> {
  const [kind = '', path] = splitOnce(format);
  switch (kind) {
    case 'table':
      return async (result) => toTable(result);
    case 'json':
      return async ({ json }) => `${JSON.stringify(json)}\n`;
    case 'json-pretty':
      return async ({ json }) => `${JSON.stringify(json, null, 2)}\n`;
    case 'yaml':
      return async ({ json }) => toYaml(json);
    case 'jsonpointer':
      return async ({ json }) => toPart(json, pointerKeys(path ?? ''));
    case 'jsonpath':
      return async ({ json }) =>
        toPart(
          json,
          (path ?? '').split('.').filter((key) => key !== '' && key !== '$'),
        );
    default:
      throw new UsageError(
        `there is no format "${format}"`,
        'write one of: table, json, json-pretty, yaml, jsonpointer=/a/b, jsonpath=a.b',
      );
  }
}

function splitOnce(format: string): readonly [string, string?] {
  const at = format.indexOf('=');
  return at === -1 ? [format] : [format.slice(0, at), format.slice(at + 1)];
}

const pointerKeys = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Text without quotes, so that it can be used at once; anything else as JSON; an empty line where there is nothing. */
function toPart(json: Json, keys: readonly string[]): string {
  const part = keys.reduce<Json | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, json);
  if (part === undefined) return '\n';
  return `${typeof part === 'string' ? part : JSON.stringify(part)}\n`;
}

async function toYaml(json: Json): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(json);
}

function toTable({ columns, rows, isSingle, footer = [] }: Result): string {
  const cell = (text: string | undefined): string => printable(text || NOTHING);
  const [only] = rows;
  if (isSingle && only) {
    return columns.map((name, index) => `${name}\t${cell(only[index])}\n`).join('');
  }
  const cells = rows.map((row) => columns.map((_, index) => cell(row[index])));
  const lines = alignColumns([columns, ...cells]);
  const below = footer.map(([name, value]) => `${name}  ${cell(value)}`);
  return [...lines, ...(below.length > 0 ? ['', ...below] : []), ''].join('\n');
}

/** A name from the database must not move the cursor or recolour the terminal of an administrator. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Columns of equal width, two spaces apart, without spaces at the end of lines. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => [...(row[index] ?? '')].length)),
  );
  return rows.map((row) =>
    row
      .map((text, index) => text + ' '.repeat((widths[index] ?? 0) - [...text].length))
      .join('  ')
      .trimEnd(),
  );
}
