// Environment variables over configuration: SELFSERVICE_FLOWS_LOGIN_LIFESPAN=30m (docs/protocol/platform.md 1.2).
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';

interface KnownPath {
  readonly keys: readonly string[];
  readonly schema: JsonObject;
}

/** Every path of a schema; `*` stands for an index of a list. */
function knownPaths(schema: JsonObject, keys: readonly string[] = []): readonly KnownPath[] {
  const own: KnownPath[] = keys.length > 0 ? [{ keys, schema }] : [];
  const { properties, items, additionalProperties } = schema;
  if (isJsonObject(properties)) {
    for (const [key, inner] of Object.entries(properties)) {
      if (isJsonObject(inner)) own.push(...knownPaths(inner, [...keys, key]));
    }
  }
  if (isJsonObject(items)) own.push(...knownPaths(items, [...keys, '*']));
  if (isJsonObject(additionalProperties)) own.push(...knownPaths(additionalProperties, [...keys, '**']));
  return own;
}

/** `_` and `.` are the same in names, so that `COOKIES_SAME_SITE` finds `cookies.same_site`. */
const plain = (text: string): string => text.toLowerCase().replaceAll('_', '.');

export type ApplyEnv = (
  document: JsonObject,
  env: Readonly<Record<string, string | undefined>>,
) => JsonObject;

/** Prepares the rule for a schema. `names` lists what may stand for any key, such as methods below `after`. */
export function createEnvOverlay(schema: JsonObject, names: readonly string[]): ApplyEnv {
  const exact = new Map<string, KnownPath>();
  const indexed: { readonly pattern: RegExp; readonly path: KnownPath }[] = [];
  const expanded = knownPaths(schema).flatMap((path) =>
    path.keys.includes('**')
      ? names.map((name) => ({ ...path, keys: path.keys.map((key) => (key === '**' ? name : key)) }))
      : [path],
  );
  for (const path of expanded) {
    const text = plain(path.keys.join('.'));
    if (!path.keys.includes('*')) {
      if (!exact.has(text)) exact.set(text, path);
      continue;
    }
    const source = path.keys
      .map((key) => (key === '*' ? '(\\d+)' : plain(key).replaceAll('.', '\\.')))
      .join('\\.');
    indexed.push({ pattern: new RegExp(`^${source}$`), path });
  }
  return (document, env) => {
    let out = document;
    for (const [name, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === undefined || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) continue;
      const text = plain(name);
      const found = exact.get(text);
      if (found) out = setPath(out, found.keys, convert(value, found.schema));
      else if (/\d/.test(text)) out = setIndexed(out, { text, value }, indexed);
    }
    return out;
  };
}

function setIndexed(
  document: JsonObject,
  variable: { readonly text: string; readonly value: string },
  indexed: readonly { readonly pattern: RegExp; readonly path: KnownPath }[],
): JsonObject {
  for (const { pattern, path } of indexed) {
    const match = pattern.exec(variable.text);
    if (!match) continue;
    let at = 0;
    const keys = path.keys.map((key) => {
      if (key !== '*') return key;
      at += 1;
      return match[at] ?? '0';
    });
    return setPath(document, keys, convert(variable.value, path.schema));
  }
  return document;
}

/** A list beyond this length from one index variable is a mistake or an attack on memory. */
const INDEX_LIMIT = 1000;

function setPath(target: Json | undefined, keys: readonly string[], value: Json): JsonObject {
  const set = (inner: Json | undefined, rest: readonly string[]): Json => {
    const [key, ...more] = rest;
    if (key === undefined) return mergeLists(inner, value);
    if (/^\d+$/.test(key)) {
      const list: Json[] = Array.isArray(inner) ? [...inner] : [];
      if (Number(key) < INDEX_LIMIT) list[Number(key)] = set(list[Number(key)], more);
      return Array.from(list, (item) => item ?? null);
    }
    const object: JsonObject = isJsonObject(inner) ? inner : {};
    return { ...object, [key]: set(object[key], more) };
  };
  const out = set(target, keys);
  return isJsonObject(out) ? out : {};
}

/** A list replaces another entry by entry: the file's tail stays where it is longer (recorded behaviour). */
function mergeLists(before: Json | undefined, value: Json): Json {
  return Array.isArray(before) && Array.isArray(value) ? [...value, ...before.slice(value.length)] : value;
}

function convert(value: string, schema: JsonObject): Json {
  const { type } = schema;
  if (type === 'boolean') return /^(?:1|t|true)$/i.test(value);
  if (type === 'integer' || type === 'number') return Number(value) || 0;
  if (type === 'array') return convertList(value, schema);
  if (type === 'object') return parseJson(value) ?? null;
  // A switch that takes text and truth values alike keeps the text.
  return value;
}

function convertList(value: string, schema: JsonObject): Json {
  const parsed = parseJson(value);
  if (Array.isArray(parsed)) return parsed;
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  if (items['type'] === 'object') return null;
  return value === '' ? [] : parseCsv(value);
}

function parseJson(value: string): Json | undefined {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** One record of comma-separated values; quotes keep commas together. */
function parseCsv(value: string): readonly string[] {
  return [...value.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll('""', '"'),
  );
}
