// Which value of a schema do the fields of a body make? Linear to the body: each name is looked at once.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { numberFault } from '../lib/json-scan.ts';
import type { Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import { itemTypeAt, nameSegments, type PathType, type SchemaPath } from '../schema/paths.ts';
import type { RawBody } from './raw-body.ts';
import { ValueBuilder } from './value-builder.ts';

export type ReadableBody = Extract<RawBody, { readonly kind: 'json' | 'form' }>;

/** All values that came under one name: one JSON value, or the texts of a form's fields. */
type Field = { readonly json: Json } | { readonly texts: readonly string[]; readonly plain?: Json };

/** A JSON body is a form at its top level: its plain values are texts there, like those of a form. */
function fieldsOf(raw: ReadableBody): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  if (raw.kind === 'form') {
    const texts = new Map<string, string[]>();
    for (const [name, value] of raw.entries) {
      const before = texts.get(name);
      if (before) before.push(value);
      else texts.set(name, [value]);
    }
    for (const [name, values] of texts) fields.set(name, { texts: values });
    return fields;
  }
  for (const [name, value] of Object.entries(isJsonObject(raw.value) ? raw.value : {})) {
    if (value === undefined || value === null) continue;
    fields.set(name, typeof value === 'object' ? { json: value } : { texts: [String(value)], plain: value });
  }
  return fields;
}

export interface Assembled {
  readonly value: JsonObject;
  /** Numbers that would change by being read. */
  readonly problems: readonly Problem[];
}

interface Building {
  readonly out: ValueBuilder;
  readonly problems: Problem[];
}

/** The value that a body holds for these paths; what they do not name is dropped. */
export function assemble(raw: ReadableBody, paths: readonly SchemaPath[]): Assembled {
  const building: Building = { out: new ValueBuilder(), problems: [] };
  const fields = fieldsOf(raw);
  // Objects first, so that a dotted name can add to an object that was sent as one.
  const byDepth = [...paths].sort((a, b) => a.segments.length - b.segments.length);
  for (const path of byDepth) {
    const field = fields.get(path.name);
    const value = field ? read(building, field, path) : undefined;
    if (value !== undefined) building.out.set(path.segments, value);
  }
  addBelow(building, fields, byDepth);
  addEmptyObjects(building.out, paths);
  return { value: building.out.value, problems: building.problems };
}

/**
 * Fields `tags.0`, `tags.1` are items of the list `tags`: that is how a form shows a list that has values. And an object
 * that may hold anything takes every dotted name below its own: `transient_payload.plan`.
 */
function addBelow(
  building: Building,
  fields: ReadonlyMap<string, Field>,
  paths: readonly SchemaPath[],
): void {
  const { out } = building;
  const lists = new Map<string, SchemaPath>();
  const open = new Set<string>();
  for (const path of paths) {
    if (path.type === 'array') lists.set(path.name, path);
    if (path.type === 'object' && isOpen(path.schema)) open.add(path.name);
  }
  if (lists.size === 0 && open.size === 0) return;
  const itemsOf = new Map<SchemaPath, Json[]>();
  for (const [name, field] of fields) {
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const above = name.slice(0, dot);
      const list = lists.get(above);
      if (list) keepItem(building, itemsOf, { list, index: name.slice(dot + 1), field });
      if (!open.has(above)) continue;
      const value = 'json' in field ? field.json : (field.plain ?? field.texts[0]);
      if (value !== undefined) out.set(nameSegments(name), value);
    }
  }
  for (const [path, items] of itemsOf) {
    const sent = items.filter((item) => item !== undefined);
    const plain = out.get(path.segments);
    out.set(path.segments, [...sent, ...(Array.isArray(plain) ? plain : [])]);
  }
}

interface Item {
  readonly list: SchemaPath;
  readonly index: string;
  readonly field: Field;
}

function keepItem(building: Building, into: Map<SchemaPath, Json[]>, { list, index, field }: Item): void {
  if (!/^\d{1,4}$/.test(index) || 'json' in field || !field.texts[0]) return;
  const items = into.get(list) ?? [];
  into.set(list, items);
  const at = Number(index);
  items[at] = convert(building, field.texts[0], {
    type: itemTypeAt(list, at),
    name: `${list.name}.${index}`,
  });
}

/** Undefined where nothing was filled in. Texts that cannot be converted stay texts, for the check to complain about. */
function read(building: Building, field: Field, path: SchemaPath): Json | undefined {
  if ('json' in field) return field.json;
  const { texts, plain } = field;
  if (path.type === 'unknown' && plain !== undefined && plain !== '') return plain;
  // Checkboxes are sent behind a hidden field of the same name, so there the last value is meant.
  const text = (path.type === 'boolean' ? texts.at(-1) : texts[0]) ?? '';
  if (path.type === 'array') {
    const items = texts
      .filter((item) => item !== '')
      .map((item, index) => convert(building, item, { type: itemTypeAt(path, index), name: path.name }));
    return items.length > 0 ? items : undefined;
  }
  if (text !== '') return convert(building, text, path);
  if (!path.isRequired) return undefined;
  if (path.type === 'boolean') return false;
  return path.type === 'number' || path.type === 'integer' ? 0 : undefined;
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function convert(
  { problems }: Building,
  text: string,
  { type, name }: { readonly type: PathType; readonly name: string },
): Json {
  if (type === 'boolean') return TRUE.has(text) ? true : FALSE.has(text) ? false : text;
  if ((type !== 'number' && type !== 'integer') || !NUMBER.test(text)) return text;
  const fault = numberFault(text);
  if (fault === undefined) return Number(text);
  problems.push({ message: messages.generic(fault), at: name });
  return text;
}

function isOpen(schema: JsonObject): boolean {
  const hasMembers = isJsonObject(schema['properties']) && Object.keys(schema['properties']).length > 0;
  return !hasMembers && schema['additionalProperties'] !== false;
}

/** Objects that were not sent count as empty, so that what they require is asked for (docs/protocol/methods.md 1.4). */
function addEmptyObjects(out: ValueBuilder, paths: readonly SchemaPath[]): void {
  for (const path of paths) {
    if (path.type === 'object' && out.get(path.segments) === undefined) out.set(path.segments, {});
  }
}
