// Parts of a credential that nobody may read from the database: sealed where they are stored, opened where they are used.
import type { Sealer } from '../../lib/cipher.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';

/** The config with these texts sealed; `*` in a path stands for every item of a list or member of an object. */
export function sealParts(config: JsonObject, paths: readonly string[], sealer: Sealer): JsonObject {
  // What is sealed already stays as it is, so that a config may be sealed twice.
  return changeParts(config, paths, (text) => (sealer.open(text) === undefined ? sealer.seal(text) : text));
}

/** The config with these texts open. One that does not open was stored before it was to be sealed, and stays as it is. */
export function openParts(config: JsonObject, paths: readonly string[], sealer: Sealer): JsonObject {
  return changeParts(config, paths, (text) => sealer.open(text) ?? text);
}

function changeParts(
  config: JsonObject,
  paths: readonly string[],
  change: (text: string) => string,
): JsonObject {
  const changed = paths.reduce<Json>((value, path) => changeAt(value, path.split('.'), change), config);
  return isJsonObject(changed) ? changed : config;
}

function changeAt(value: Json, path: readonly string[], change: (text: string) => string): Json {
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === 'string' && value !== '' ? change(value) : value;
  if (Array.isArray(value)) {
    return key === '*' ? value.map((item: Json) => changeAt(item, rest, change)) : value;
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      inner !== undefined && (key === '*' || key === name) ? changeAt(inner, rest, change) : inner,
    ]),
  );
}
