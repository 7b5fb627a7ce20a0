// Parts of a credential that nobody may read from the database: sealed where they are stored, opened where they are used.
import { isSealedText, type Sealer } from '../../lib/cipher.ts';
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

export interface Resealed {
  readonly config: JsonObject;
  /** Texts that are sealed with the current secret now and were not before. */
  readonly changed: number;
  /** Sealed texts that none of the secrets opens; they stay as they are. */
  readonly unreadable: number;
}

/** The config with these texts sealed by `current`, whichever secret of `all` sealed them, and also where none did. */
export function resealParts(
  config: JsonObject,
  paths: readonly string[],
  { current, all }: { readonly current: Sealer; readonly all: Sealer },
): Resealed {
  let changed = 0;
  let unreadable = 0;
  const resealed = changeParts(config, paths, (text) => {
    if (current.open(text) !== undefined) return text;
    const plain = all.open(text);
    if (plain === undefined && isSealedText(text)) {
      unreadable += 1;
      return text;
    }
    changed += 1;
    return current.seal(plain ?? text);
  });
  return { config: resealed, changed, unreadable };
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
