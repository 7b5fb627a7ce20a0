// `bia config show`: the configuration in effect, with durations as they are written and without secrets.
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { Handler } from '../line/command.ts';
import { refuseUnknownFormat, writeResult } from '../line/result.ts';
import { configSources } from './config-files.ts';
import { redactSecrets } from './redact.ts';

export const showConfig: Handler = async (invocation, { io, deps }) => {
  refuseUnknownFormat(invocation);
  const loader = await deps.createLoader();
  const { config } = loader.load(configSources(invocation, io));
  const shown = redactSecrets(encodeFields(loader.schema, toJson(config)));
  await writeResult({ json: shown, columns: [], rows: [], ids: [] }, invocation, io);
  return 0;
};

function toJson(value: unknown): JsonObject {
  // The configuration came from YAML or JSON, so it can go back.
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(json) ? json : {};
}

/** Numbers of milliseconds and bytes -> the texts that they were read from. */
export function encodeFields(schema: JsonObject, document: JsonObject): JsonObject {
  const out = encode(schema, document);
  return isJsonObject(out) ? out : {};
}

function encode(schema: JsonObject, value: Json): Json {
  if (typeof value === 'number') {
    if (schema['x-decode'] === 'duration') return durationText(value);
    if (schema['x-decode'] === 'size') return sizeText(value);
  }
  const { properties, items } = schema;
  if (Array.isArray(value))
    return isJsonObject(items) ? value.map((item: Json) => encode(items, item)) : value;
  if (!isJsonObject(value) || !isJsonObject(properties)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return [key, inner !== undefined && isJsonObject(known) ? encode(known, inner) : inner] as const;
  });
  return Object.fromEntries(entries);
}

const DURATION_UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** `5400000` -> `1h30m` */
export function durationText(ms: number): string {
  if (ms === 0) return '0s';
  let rest = Math.abs(ms);
  const parts = DURATION_UNITS.flatMap(([unit, factor], index) => {
    const isLast = index === DURATION_UNITS.length - 1;
    const count = isLast ? rest : Math.floor(rest / factor);
    rest -= isLast ? rest : count * factor;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return `${ms < 0 ? '-' : ''}${parts.join('')}`;
}

const SIZE_UNITS = ['GB', 'MB', 'KB'] as const;

/** `19922944` -> `19MB` */
export function sizeText(bytes: number): string {
  for (const [index, unit] of SIZE_UNITS.entries()) {
    const factor = 1024 ** (SIZE_UNITS.length - index);
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return `${bytes}B`;
}
