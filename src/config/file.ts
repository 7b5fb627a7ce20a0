// Configuration files: parsed with the places of their keys, merged into one document.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isAlias, isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';

export interface ConfigPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ConfigFile {
  readonly file: string;
  readonly content: JsonObject;
  /** Where the value of this path stands in the file. */
  readonly place: (keys: readonly string[]) => ConfigPlace | undefined;
}

export class ConfigFileError extends Error {}

/** Reads one file. Throws ConfigFileError where it cannot be read or is no YAML or JSON mapping. */
export function readConfigFile(file: string): ConfigFile {
  const extension = path.extname(file).toLowerCase();
  if (!['.yaml', '.yml', '.json'].includes(extension)) {
    throw new ConfigFileError(
      `${file}: files ending in ${extension || 'nothing'} are not read; use .yaml, .yml or .json`,
    );
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigFileError(
      `${file}: cannot be read (${error instanceof Error ? error.message : 'unknown error'})`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = document.errors;
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw new ConfigFileError(`${file}:${line}:${col}: ${fault.message}`);
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ConfigFileError(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
  if (!isJsonObject(content)) throw new ConfigFileError(`${file}: expected a mapping of keys at the top`);
  return {
    file,
    content,
    place: (keys) => {
      let node: unknown = document.contents;
      let offset: number | undefined;
      for (const key of keys) {
        if (isAlias(node)) return undefined;
        if (isMap(node)) {
          const pair = node.items.find((item) => String(item.key) === key);
          if (!pair) break;
          offset = rangeOf(pair.key);
          node = pair.value;
        } else if (isSeq(node)) {
          node = node.items[Number(key)];
          offset = rangeOf(node) ?? offset;
        } else break;
      }
      if (offset === undefined) return undefined;
      const { line, col } = lines.linePos(offset);
      return { file, line, column: col };
    },
  };
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  const [start] = node.range;
  return typeof start === 'number' ? start : undefined;
}

/** Later documents win; mappings merge, lists are replaced whole (docs/protocol/platform.md 1.1). */
export function mergeDocuments(base: Json | undefined, over: Json | undefined): Json | undefined {
  if (over === undefined) return base;
  if (!isJsonObject(base) || !isJsonObject(over)) return over;
  const out: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) out[key] = mergeDocuments(out[key], value);
  return out;
}

/** Files in their order as one document; an entry may name several, with commas. Throws ConfigFileError. */
export function readMergedFiles(files: readonly string[]): JsonObject {
  const merged = files
    .flatMap((file) => file.split(','))
    .map((file): Json => readConfigFile(file).content)
    .reduce<Json | undefined>((all, next) => mergeDocuments(all, next), {});
  return isJsonObject(merged) ? merged : {};
}
