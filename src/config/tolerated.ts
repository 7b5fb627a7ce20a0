// Keys that nobody knows, in places where passing over them does no harm: told, and left out.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Finding } from './fault.ts';

/**
 * Sections of which Kratos takes further keys, and in which a key that is ignored takes nobody's protection away. Everywhere
 * else a misspelt key is a setting that somebody believes in, and is refused.
 */
const OPEN_SECTIONS: readonly (readonly string[])[] = [
  ['serve', '*', 'socket'],
  ['serve', '*', 'tls'],
  ['serve', '*', 'tls', '*'],
  ['serve', '*', 'request_log'],
  ['log'],
  ['courier', 'worker'],
  ['courier', 'templates'],
  ['ciphers'],
  ['pages'],
];

/** Settings of older versions of Kratos, gone from newer ones, that files still carry. */
const FORMER_KEYS: readonly (readonly string[])[] = [
  ['serve', '*', 'write_listen_file'],
  ['serve', '*', 'allow_termination_from'],
  ['serve', '*', 'tls', 'enabled'],
];

/** Notes for editors and YAML anchors, which programs pass over. */
const isNote = (key: string): boolean => key === '$schema' || key.startsWith('x-');

export interface Tidied {
  readonly document: JsonObject;
  readonly findings: readonly Finding[];
}

/** The document without such keys, and which they were. */
export function leaveOutTolerated(schema: JsonObject, document: JsonObject): Tidied {
  const findings: Finding[] = [];
  const tidy = (value: Json, of: JsonObject, path: readonly string[]): Json => {
    const { properties, items, additionalProperties } = of;
    if (Array.isArray(value)) {
      if (!isJsonObject(items)) return value;
      return value.map((item: Json, index) => tidy(item, items, [...path, String(index)]));
    }
    if (!isJsonObject(value) || !isJsonObject(properties)) return value;
    const kept: Record<string, Json> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      const here = [...path, key];
      if (isJsonObject(known)) kept[key] = tidy(inner, known, here);
      else if (known !== false && known !== undefined) kept[key] = inner;
      else if (isTolerated(here)) findings.push({ path: here, reason: 'unknown key; it is left out' });
      else kept[key] = inner;
    }
    return kept;
  };
  const tidied = tidy(document, schema, []);
  return { document: isJsonObject(tidied) ? tidied : document, findings };
}

function isTolerated(path: readonly string[]): boolean {
  const parent = path.slice(0, -1);
  return (
    (parent.length === 0 && isNote(path[0] ?? '')) ||
    FORMER_KEYS.some((known) => fits(path, known)) ||
    OPEN_SECTIONS.some((known) => fits(parent, known))
  );
}

const fits = (path: readonly string[], pattern: readonly string[]): boolean =>
  path.length === pattern.length && pattern.every((key, index) => key === '*' || key === path[index]);
