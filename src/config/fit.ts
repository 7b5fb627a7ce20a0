// Does a document fit the schema of the configuration? Fills in the defaults, and says what does not fit and where.
import { isDeepStrictEqual } from 'node:util';
import { nearest } from '../lib/edit-distance.ts';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Finding } from './check.ts';
import { DECODE, REASON } from './fields.ts';

/**
 * Walks the schema once, for the one document of a start. Measured: Ajv makes a program of a schema, which for this one took a
 * seventh of a start, to run it once. Schemas of identities and bodies are checked at every request, and that is Ajv's part.
 */
export function fillAndCheck(schema: JsonObject, document: JsonObject): readonly Finding[] {
  const findings: Finding[] = [];
  walk(schema, { value: document, path: [] }, (finding) => findings.push(finding));
  return findings;
}

/** Throws where a schema says something that `fillAndCheck` would pass over. */
export function refuseUnknownKeywords(schema: Json | undefined): void {
  if (!isJsonObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (HOLDS_SCHEMA.has(keyword)) refuseUnknownKeywords(value);
    else if (HOLDS_SCHEMAS.has(keyword)) Object.values(value ?? {}).forEach(refuseUnknownKeywords);
    else if (!HOLDS_VALUE.has(keyword) || (keyword === 'type' && typeof value !== 'string')) {
      throw new Error(
        `a schema of the configuration holds ${keyword}: ${JSON.stringify(value)}, which nobody checks`,
      );
    }
  }
}

const HOLDS_SCHEMA = new Set(['additionalProperties', 'items', 'if', 'then', 'else']);
const HOLDS_SCHEMAS = new Set(['properties', 'patternProperties', 'anyOf']);
const HOLDS_VALUE = new Set([
  ...['type', 'enum', 'const', 'required', 'default'],
  ...['minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'minItems', 'maxItems'],
  ...['title', 'description', 'examples', 'writeOnly', REASON, DECODE],
]);

interface At {
  readonly value: Json | undefined;
  readonly path: readonly string[];
}
type Report = (finding: Finding) => void;

function walk(schema: JsonObject, at: At, report: Report): void {
  const { value, path } = at;
  const say = (reason: string): void => report({ path, reason });
  const { type } = schema;
  if (typeof type === 'string' && !isOfType(value, type)) say(`must be ${type}, but is ${kindOf(value)}`);
  if (typeof value === 'number') checkNumber(schema, value, say);
  if (typeof value === 'string') checkText(schema, value, say);
  checkChoice(schema, at, say);
  if (isJsonObject(schema['if'])) {
    const branch = schema[fits(schema['if'], at) ? 'then' : 'else'];
    if (isJsonObject(branch)) walk(branch, at, report);
  }
  if (Array.isArray(value)) walkList(schema, { list: value, path }, report);
  else if (isJsonObject(value)) walkObject(schema, { object: value, path }, report);
}

/** Without a trace: neither defaults nor findings stay. */
function fits(schema: JsonObject, { value, path }: At): boolean {
  let doesFit = true;
  walk(schema, { value: structuredClone(value), path }, () => {
    doesFit = false;
  });
  return doesFit;
}

function checkNumber({ minimum, maximum }: JsonObject, value: number, say: (reason: string) => void): void {
  if (typeof minimum === 'number' && value < minimum) say(`must be >= ${minimum}`);
  if (typeof maximum === 'number' && value > maximum) say(`must be <= ${maximum}`);
}

function checkText(schema: JsonObject, value: string, say: (reason: string) => void): void {
  const { minLength, maxLength, pattern } = schema;
  // Code points, as JSON Schema counts.
  const length = [...value].length;
  if (typeof maxLength === 'number' && length > maxLength) {
    say(`must NOT have more than ${maxLength} characters`);
  }
  if (typeof minLength === 'number' && length < minLength) {
    say(`must NOT have fewer than ${minLength} characters`);
  }
  if (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value)) return;
  const hint = schema[DECODE] === 'duration' ? '; write a duration such as 15m or 1h30m' : '';
  // What may hold a password is not repeated.
  if (schema['writeOnly'] === true) say(`does not have the right form: ${pattern}`);
  else say(`${JSON.stringify(value)} does not have the right form${hint}`);
}

function checkChoice(schema: JsonObject, at: At, say: (reason: string) => void): void {
  const notPossible = `${JSON.stringify(at.value)} is not one of the values that are possible here`;
  const { anyOf, enum: allowed, [REASON]: reason } = schema;
  if (Array.isArray(anyOf) && !anyOf.some((option: Json) => isJsonObject(option) && fits(option, at))) {
    say(notPossible);
  }
  if ('const' in schema && !isDeepStrictEqual(at.value, schema['const'])) {
    say(typeof reason === 'string' ? reason : notPossible);
  }
  if (Array.isArray(allowed) && !allowed.some((option: Json) => isDeepStrictEqual(at.value, option))) {
    say(`must be one of ${allowed.join(', ')}`);
  }
}

function walkList(
  { minItems, maxItems, items }: JsonObject,
  { list, path }: { readonly list: readonly Json[]; readonly path: readonly string[] },
  report: Report,
): void {
  const say = (reason: string): void => report({ path, reason });
  if (typeof maxItems === 'number' && list.length > maxItems)
    say(`must NOT have more than ${maxItems} items`);
  if (typeof minItems === 'number' && list.length < minItems)
    say(`must NOT have fewer than ${minItems} items`);
  if (!isJsonObject(items)) return;
  for (const [index, value] of list.entries()) walk(items, { value, path: [...path, String(index)] }, report);
}

function walkObject(
  schema: JsonObject,
  { object, path }: { readonly object: Record<string, Json | undefined>; readonly path: readonly string[] },
  report: Report,
): void {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const patterns = isJsonObject(schema['patternProperties']) ? schema['patternProperties'] : {};
  const has = (key: string): boolean => Object.hasOwn(object, key) && object[key] !== undefined;
  for (const [key, inner] of Object.entries(properties)) {
    // A copy: what is filled in below it must not change the schema.
    if (!has(key) && isJsonObject(inner) && 'default' in inner)
      object[key] = structuredClone(inner['default']);
  }
  for (const key of Array.isArray(schema['required']) ? schema['required'] : []) {
    if (typeof key === 'string' && !has(key)) report({ path: [...path, key], reason: 'is missing' });
  }
  const walkInto = (inner: Json | undefined, key: string): void => {
    if (isJsonObject(inner)) walk(inner, { value: object[key], path: [...path, key] }, report);
  };
  const matching = Object.entries(patterns).map(
    ([pattern, inner]) => [new RegExp(pattern, 'u'), inner] as const,
  );
  const others = schema['additionalProperties'];
  for (const key of Object.keys(object).filter(has)) {
    if (Object.hasOwn(properties, key) || matching.some(([pattern]) => pattern.test(key))) continue;
    if (others === false) report({ path: [...path, key], reason: unknownKey(key, Object.keys(properties)) });
    else walkInto(others, key);
  }
  for (const [key, inner] of Object.entries(properties)) if (has(key)) walkInto(inner, key);
  for (const [pattern, inner] of matching) {
    for (const key of Object.keys(object).filter(has)) if (pattern.test(key)) walkInto(inner, key);
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `unknown key${near ? `; did you mean "${near}"?` : ''}`;
}

function isOfType(value: Json | undefined, type: string): boolean {
  switch (type) {
    case 'object':
      return isJsonObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
