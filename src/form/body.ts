// Which values does a submission hold for a method? Raw body -> value of the method's schema, typed by that schema.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import { dottedName, nameSegments, type PathType, type SchemaPath, schemaPaths } from '../schema/paths.ts';
import { type CompiledSchema, compileOwnSchema } from '../schema/schema.ts';
import type { RawBody } from './raw-body.ts';

export type { RawBody } from './raw-body.ts';

export interface DecodeOptions {
  /** Schema of the identity: types `traits` where the payload has them, and checks them where `validate` is given. */
  readonly traits?: Pick<CompiledSchema, 'json'> & Partial<Pick<CompiledSchema, 'validate'>>;
  /** Only types the values; for payloads that the protocol does not check. */
  readonly isUnchecked?: true;
}

export type Decoded =
  | { readonly kind: 'value'; readonly value: JsonObject }
  | {
      readonly kind: 'problems';
      readonly problems: readonly Problem[];
      /** What was understood nevertheless, by node name, to be put back into the form. */
      readonly echo: JsonObject;
      /** The same as a value of the schema. */
      readonly value: JsonObject;
    };

export type Probe =
  | { readonly kind: 'readable'; readonly body: JsonObject }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The top level of a body without any schema: enough to see which method it is for. Form fields are texts. */
export function probeBody(raw: RawBody): Probe {
  switch (raw.kind) {
    case 'json':
      return { kind: 'readable', body: isJsonObject(raw.value) ? raw.value : {} };
    case 'form':
      // Turned round, since of several values of a name the first counts.
      return { kind: 'readable', body: Object.fromEntries([...raw.entries].reverse()) };
    default:
      return { kind: 'unreadable', reason: raw.reason };
  }
}

/**
 * Decodes and checks a body (docs/protocol/methods.md 1.4). `schema` is a JSON schema of an object; keys that it does not know
 * are dropped. A body that cannot be read gives one problem, 4000001 with the reason.
 */
export function decodeBody(raw: RawBody, schema: object, options: DecodeOptions = {}): Decoded {
  if (raw.kind !== 'json' && raw.kind !== 'form') {
    return { kind: 'problems', problems: [{ message: messages.generic(raw.reason) }], echo: {}, value: {} };
  }
  const compiled = compileOwnSchema(schema);
  const paths = payloadPaths(compiled.json, options.traits?.json);
  const value = withEmptyObjects(assemble(fieldsOf(raw), paths), paths);
  if (options.isUnchecked) return { kind: 'value', value };
  const traits = value['traits'];
  const problems = [
    ...compiled.validate(value),
    ...(isJsonObject(traits) ? (options.traits?.validate?.({ traits }) ?? []) : []),
  ];
  if (problems.length === 0) return { kind: 'value', value };
  return { kind: 'problems', problems, echo: flatten(value), value };
}

/** What the payload's schema names, with the traits as the identity's schema has them. */
function payloadPaths(payload: JsonObject, identity: JsonObject | undefined): readonly SchemaPath[] {
  const own = schemaPaths(payload);
  if (!identity || !own.some((path) => path.name === 'traits')) return own;
  const isTrait = (path: SchemaPath): boolean => path.segments[0] === 'traits';
  return [...own.filter((path) => !isTrait(path)), ...schemaPaths(identity).filter(isTrait)];
}

/** All values that came under one name: one JSON value, or the texts of a form's fields. */
type Field = { readonly json: Json } | { readonly texts: readonly string[]; readonly plain?: Json };

/** A JSON body is a form at its top level: its plain values are texts there, like those of a form. */
function fieldsOf(raw: Extract<RawBody, { kind: 'json' | 'form' }>): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  if (raw.kind === 'form') {
    const texts = new Map<string, string[]>();
    for (const [name, value] of raw.entries) texts.set(name, [...(texts.get(name) ?? []), value]);
    for (const [name, values] of texts) fields.set(name, { texts: values });
    return fields;
  }
  for (const [name, value] of Object.entries(isJsonObject(raw.value) ? raw.value : {})) {
    if (value === undefined || value === null) continue;
    fields.set(name, typeof value === 'object' ? { json: value } : { texts: [String(value)], plain: value });
  }
  return fields;
}

function assemble(fields: ReadonlyMap<string, Field>, paths: readonly SchemaPath[]): JsonObject {
  let out: JsonObject = {};
  // Objects first, so that a dotted name can add to an object that was sent as one.
  const byDepth = [...paths].sort((a, b) => a.segments.length - b.segments.length);
  for (const path of byDepth) {
    const field = fields.get(path.name);
    const value = field ? read(field, path) : undefined;
    if (value !== undefined) out = setAt(out, path.segments, value);
  }
  for (const path of byDepth) {
    if (path.type === 'array') out = addIndexed(out, fields, path);
    if (path.type === 'object' && isOpen(path.schema)) out = addMembers(out, fields, path);
  }
  return out;
}

/** Undefined where nothing was filled in. Texts that cannot be converted stay texts, for the check to complain about. */
function read(field: Field, path: SchemaPath): Json | undefined {
  if ('json' in field) return field.json;
  const { texts, plain } = field;
  if (path.type === 'unknown' && plain !== undefined && plain !== '') return plain;
  // Checkboxes are sent behind a hidden field of the same name, so there the last value is meant.
  const text = (path.type === 'boolean' ? texts.at(-1) : texts[0]) ?? '';
  if (path.type === 'array') {
    const items = texts.filter((item) => item !== '').map((item) => convert(item, path.itemType));
    return items.length > 0 ? items : undefined;
  }
  if (text !== '') return convert(text, path.type);
  if (!path.isRequired) return undefined;
  if (path.type === 'boolean') return false;
  return path.type === 'number' || path.type === 'integer' ? 0 : undefined;
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function convert(text: string, type: PathType): Json {
  if (type === 'boolean') return TRUE.has(text) ? true : FALSE.has(text) ? false : text;
  if (type !== 'number' && type !== 'integer') return text;
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : text;
}

/** Fields `tags.0`, `tags.1` are items of the list `tags`: that is how a form shows a list that has values. */
function addIndexed(out: JsonObject, fields: ReadonlyMap<string, Field>, path: SchemaPath): JsonObject {
  const items: Json[] = [];
  for (const [name, field] of fields) {
    const index = name.startsWith(`${path.name}.`) ? name.slice(path.name.length + 1) : '';
    if (!/^\d{1,4}$/.test(index) || 'json' in field || !field.texts[0]) continue;
    items[Number(index)] = convert(field.texts[0], path.itemType);
  }
  const sent = items.filter((item) => item !== undefined);
  if (sent.length === 0) return out;
  const plain = getAt(out, path.segments);
  return setAt(out, path.segments, [...sent, ...(Array.isArray(plain) ? plain : [])]);
}

/** An object that may hold anything takes every dotted name below its own: `transient_payload.plan`. */
function addMembers(out: JsonObject, fields: ReadonlyMap<string, Field>, path: SchemaPath): JsonObject {
  let result = out;
  for (const [name, field] of fields) {
    if (!name.startsWith(`${path.name}.`)) continue;
    const value = 'json' in field ? field.json : (field.plain ?? field.texts[0]);
    if (value !== undefined) result = setAt(result, nameSegments(name), value);
  }
  return result;
}

function isOpen(schema: JsonObject): boolean {
  const hasMembers = isJsonObject(schema['properties']) && Object.keys(schema['properties']).length > 0;
  return !hasMembers && schema['additionalProperties'] !== false;
}

/** Objects that were not sent count as empty, so that what they require is asked for (docs/protocol/methods.md 1.4). */
function withEmptyObjects(value: JsonObject, paths: readonly SchemaPath[]): JsonObject {
  let out = value;
  for (const path of paths) {
    if (path.type !== 'object' || getAt(out, path.segments) !== undefined) continue;
    out = setAt(out, path.segments, {});
  }
  return out;
}

function getAt(value: Json, segments: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const segment of segments) {
    if (!isJsonObject(at) || !Object.hasOwn(at, segment)) return undefined;
    at = at[segment];
  }
  return at;
}

/** A copy with the value set; unchanged where something that is no object stands in the way. */
function setAt(object: JsonObject, segments: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = segments;
  if (key === undefined) return object;
  if (rest.length === 0) return { ...object, [key]: value };
  const child = Object.hasOwn(object, key) ? object[key] : {};
  return isJsonObject(child) ? { ...object, [key]: setAt(child, rest, value) } : object;
}

/** Plain values by dotted name; items of lists by their index. Nothing is left of null. */
export function flatten(value: Json, prefix: readonly string[] = []): JsonObject {
  const flat: Record<string, Json> = {};
  const collect = (part: Json, segments: readonly string[]): void => {
    if (part === null) return;
    if (typeof part !== 'object') {
      flat[dottedName(segments)] = part;
      return;
    }
    const members: readonly (readonly [string, Json | undefined])[] = Object.entries(part);
    for (const [key, child] of members) if (child !== undefined) collect(child, [...segments, key]);
  };
  collect(value, prefix);
  return flat;
}
