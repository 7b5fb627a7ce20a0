// Environment variables over configuration: SELFSERVICE_FLOWS_LOGIN_LIFESPAN=30m (docs/protocol/platform.md 1.2).
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { type Finding, isWithin } from './fault.ts';

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

export interface Overlaid {
  readonly document: JsonObject;
  /** Values that cannot be what their key needs; they are not in the document. */
  readonly findings: readonly Finding[];
  /** The variable that the value at this path came from. */
  readonly variableOf: (path: readonly string[]) => string | undefined;
}

export type ApplyEnv = (document: JsonObject, env: Readonly<Record<string, string | undefined>>) => Overlaid;

interface Indexed {
  readonly pattern: RegExp;
  readonly path: KnownPath;
}

/** Prepares the rule for a schema. `names` lists what may stand for any key, such as methods below `after`. */
export function createEnvOverlay(schema: JsonObject, names: readonly string[]): ApplyEnv {
  const exact = new Map<string, KnownPath>();
  const indexed: Indexed[] = [];
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
  const find = (name: string): KnownPath | undefined => {
    const text = plain(name);
    return exact.get(text) ?? (/\d/.test(text) ? findIndexed(text, indexed) : undefined);
  };
  return (document, env) => {
    let out = document;
    const findings: Finding[] = [];
    const origins: { readonly path: readonly string[]; readonly variable: string }[] = [];
    for (const [name, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === undefined || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) continue;
      const known = find(name);
      if (!known) continue;
      const read = convert(value, known.schema);
      if (read === 'not set') continue;
      origins.unshift({ path: known.keys, variable: name });
      if (!read.ok) findings.push({ path: known.keys, reason: read.reason });
      else out = setPath(out, known.keys, read.value);
    }
    return {
      document: out,
      findings,
      variableOf: (path) => origins.find((origin) => isWithin(path, origin.path))?.variable,
    };
  };
}

/** A list beyond this length from one index variable is a mistake or an attack on memory. */
const INDEX_LIMIT = 1000;

function findIndexed(text: string, indexed: readonly Indexed[]): KnownPath | undefined {
  for (const { pattern, path } of indexed) {
    const match = pattern.exec(text);
    if (!match) continue;
    const indexes = match.slice(1);
    if (indexes.some((index) => Number(index) >= INDEX_LIMIT)) return undefined;
    let at = 0;
    const keys = path.keys.map((key) => (key === '*' ? (indexes[at++] ?? '0') : key));
    return { ...path, keys };
  }
  return undefined;
}

/** What stood there is replaced: also a list, since half of one list and half of another is nobody's wish. */
function setPath(target: Json | undefined, keys: readonly string[], value: Json): JsonObject {
  const set = (inner: Json | undefined, rest: readonly string[]): Json => {
    const [key, ...more] = rest;
    if (key === undefined) return value;
    if (/^\d+$/.test(key)) {
      const list: Json[] = Array.isArray(inner) ? [...inner] : [];
      list[Number(key)] = set(list[Number(key)], more);
      return Array.from(list, (item) => item ?? null);
    }
    const object: JsonObject = isJsonObject(inner) ? inner : {};
    return { ...object, [key]: set(object[key], more) };
  };
  const out = set(target, keys);
  return isJsonObject(out) ? out : {};
}

type Read = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string };

const read = (value: Json): Read => ({ ok: true, value });
const refused = (reason: string): Read => ({ ok: false, reason });

/** Values are not repeated in reasons: a variable may hold a secret. */
function convert(value: string, schema: JsonObject): Read | 'not set' {
  const { type, anyOf } = schema;
  if (type === 'string' || (type === undefined && anyOf === undefined)) return read(value);
  // Whoever starts programs by a template leaves variables empty that are not set.
  if (value.trim() === '') return 'not set';
  const isSwitch = type === 'boolean' || anyOf !== undefined;
  if (isSwitch) return toBoolean(value);
  if (type === 'integer' || type === 'number') {
    const isNumber = /^[+-]?\d+(?:\.\d+)?$/.test(value.trim());
    return isNumber ? read(Number(value)) : refused('must be a number');
  }
  if (type === 'array') return toList(value, schema);
  const object = parseJson(value);
  return isJsonObject(object) ? read(object) : refused('must be a JSON object, such as {"key": "value"}');
}

function toBoolean(value: string): Read {
  if (/^(?:1|t|true)$/i.test(value.trim())) return read(true);
  if (/^(?:0|f|false)$/i.test(value.trim())) return read(false);
  return refused('must be true or false');
}

function toList(value: string, schema: JsonObject): Read {
  const parsed = parseJson(value);
  if (Array.isArray(parsed)) return read(parsed);
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  if (items['type'] === 'object')
    return refused('must be a JSON list of objects, such as [{"key": "value"}]');
  return read([...parseCsv(value)]);
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
