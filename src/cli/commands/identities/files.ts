// Files of identities, as `identities import`, `create` and `validate` read them.
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isJsonObject, type Json } from '../../../lib/json.ts';
import { jsonFault, numberFault } from '../../../lib/json-scan.ts';
import { CommandError, type Io, UsageError } from '../../line/command.ts';

export interface IdentityEntry {
  /** Where it stands, for messages: `people.json#3` (third of the list) or `people.jsonl:3` (third line). */
  readonly source: string;
  readonly value: Json;
  /** What keeps it from being read; the value is its text then. */
  readonly fault?: string;
}

/** All entries of the files in order, or of standard input. Throws CommandError where a file cannot be read. */
export async function* readIdentities(files: readonly string[], io: Io): AsyncGenerator<IdentityEntry> {
  if (files.length === 0) {
    if (io.isInteractive) throw new UsageError('name a file with identities, or pipe one in');
    yield* entriesOfText(await io.readStdin(), 'standard input');
    return;
  }
  for (const file of files) yield* readFile(file);
}

async function* readFile(file: string): AsyncGenerator<IdentityEntry> {
  try {
    // Line by line: such files can be larger than memory.
    if (isLines(file)) {
      const lines = createInterface({
        input: createReadStream(file, 'utf8'),
        crlfDelay: Number.POSITIVE_INFINITY,
      });
      yield* entriesOfLines(lines, file);
    } else yield* entriesOfText(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const why = error instanceof Error && 'code' in error ? reasonOf(String(error.code)) : String(error);
    throw new CommandError(`${file} cannot be read: ${why}`);
  }
}

const isLines = (file: string): boolean => ['.jsonl', '.ndjson'].includes(path.extname(file).toLowerCase());

const reasonOf = (code: string): string =>
  ({ ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'you may not read it' })[code] ??
  code;

async function* entriesOfLines(lines: AsyncIterable<string>, file: string): AsyncGenerator<IdentityEntry> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const text = number === 1 ? withoutMark(line) : line;
    if (text.trim() === '') continue;
    const source = `${file}:${number}`;
    const { value, fault } = parseJson(text);
    // One line says nothing about the others.
    if (value === undefined) yield { source, value: text.trimEnd(), fault: 'this line is not JSON' };
    else yield fault === undefined ? { source, value } : { source, value, fault };
  }
}

async function* entriesOfText(written: string, file: string): AsyncGenerator<IdentityEntry> {
  const text = withoutMark(written);
  const isYaml = ['.yaml', '.yml'].includes(path.extname(file).toLowerCase());
  const { value, fault } = isYaml ? { value: await parseYaml(text, file) } : parseJson(text);
  if (value !== undefined) {
    if (fault !== undefined) throw new CommandError(`${file}: ${fault}`);
    yield* entriesOf(value, file);
    return;
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // Several lines of JSON under another name, such as from a pipe; some of them may be broken.
  if (lines.length > 1 && lines.some(isObjectLine)) {
    yield* entriesOfLines(streamOf(text.split('\n')), file);
    return;
  }
  throw new CommandError(
    text.trim() === '' ? `${file} is empty` : `${file} is not JSON: ${syntaxFault(text)}`,
  );
}

async function* streamOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** One identity, a list of them, or what `identities list --format json` writes. */
function* entriesOf(json: Json, file: string): Generator<IdentityEntry> {
  const list = isJsonObject(json) && Array.isArray(json['identities']) ? json['identities'] : json;
  if (!Array.isArray(list)) yield { source: file, value: json };
  else for (const [index, value] of list.entries()) yield { source: `${file}#${index + 1}`, value };
}

/** Not the `{}` or `{` of a larger document. */
function isObjectLine(line: string): boolean {
  const { value } = parseJson(line);
  return isJsonObject(value) && Object.keys(value).length > 0;
}

/** Without the byte order mark that some programs write first. */
const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

/** No value where the text is not JSON; a fault where it is JSON that the server would refuse or change. */
function parseJson(text: string): { readonly value?: Json; readonly fault?: string } {
  let value: Json;
  try {
    // What JSON.parse gives is JSON.
    value = JSON.parse(text) as Json;
  } catch {
    return {};
  }
  const fault = jsonFault(text, { maxValues: Number.POSITIVE_INFINITY });
  return fault === undefined ? { value } : { value, fault };
}

function syntaxFault(text: string): string {
  try {
    JSON.parse(text);
    return 'unknown fault';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function parseYaml(text: string, file: string): Promise<Json> {
  const { parse } = await import('yaml');
  try {
    return withoutBigInts(parse(text, { maxAliasCount: 100, intAsBigInt: true }));
  } catch (error) {
    throw new CommandError(
      `${file}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    );
  }
}

/** Whole numbers as numbers. Throws where one would change. */
function withoutBigInts(value: unknown): Json {
  if (typeof value === 'bigint') {
    const fault = numberFault(String(value));
    if (fault !== undefined) throw new Error(fault);
    return Number(value);
  }
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (!isJsonObject(value)) return value as Json; // what YAML gives without custom tags is JSON
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutBigInts(member)]));
}
