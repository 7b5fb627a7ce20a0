// Which values can a document that fits a schema hold, and under which dotted names?
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { resolveRef, SAME_VALUE_LISTS, SAME_VALUE_WORDS, SchemaError } from './refs.ts';

export type PathType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'unknown';

export interface SchemaPath {
  readonly segments: readonly string[];
  /** Segments joined by dots, `traits.name.first`; a dot inside a segment is written `\.`. */
  readonly name: string;
  readonly type: PathType;
  /** Of an array whose items all have one type. */
  readonly itemType: PathType;
  /** Listed in `required` of the object that holds it. */
  readonly isRequired: boolean;
  /** The schema of the value, references resolved. */
  readonly schema: JsonObject;
}

const MAX_VISITS = 20_000;

/** Joins segments to the name that a form field has. */
export function dottedName(segments: readonly string[]): string {
  return segments.map((segment) => segment.replaceAll('.', '\\.')).join('.');
}

/** Splits a field's name; the opposite of `dottedName`. */
export function nameSegments(name: string): readonly string[] {
  const segments = [''];
  for (let at = 0; at < name.length; at += 1) {
    const isEscaped = name[at] === '\\' && name[at + 1] === '.';
    if (isEscaped) at += 1;
    if (name[at] === '.' && !isEscaped) segments.push('');
    else segments[segments.length - 1] += name[at] ?? '';
  }
  return segments;
}

const known = new WeakMap<JsonObject, readonly SchemaPath[]>();

/**
 * All paths of a schema, alphabetically: through properties, references inside the document and combinations; arrays are
 * not descended (docs/protocol/methods.md 1.6). Throws SchemaError where a reference leads nowhere or round in a circle.
 */
export function schemaPaths(document: JsonObject): readonly SchemaPath[] {
  const before = known.get(document);
  if (before) return before;
  const found = new Map<string, SchemaPath>();
  let visits = 0;

  function visit(node: unknown, segments: readonly string[], of: Position): void {
    visits += 1;
    if (visits > MAX_VISITS) throw new SchemaError('the schema is too large');
    if (!isJsonObject(node)) return;
    if (typeof node['$ref'] === 'string') {
      // Up to draft 7 a reference stands alone: what stands beside it is ignored.
      const target = resolveRef(document, node['$ref']);
      if (of.refs.includes(target))
        throw new SchemaError(`the reference ${node['$ref']} leads back to itself`);
      visit(target, segments, { ...of, refs: [...of.refs, target] });
      return;
    }
    if (segments.length > 0) keep(node, segments, of.isRequired);
    for (const keyword of SAME_VALUE_LISTS) {
      const parts = node[keyword];
      if (Array.isArray(parts)) for (const part of parts) visit(part, segments, of);
    }
    for (const keyword of SAME_VALUE_WORDS) visit(node[keyword], segments, of);
    if (!isJsonObject(node['properties'])) return;
    const required = Array.isArray(node['required']) ? node['required'] : [];
    for (const [key, child] of Object.entries(node['properties'])) {
      visit(child, [...segments, key], { isRequired: required.includes(key), refs: of.refs });
    }
  }

  /** The same path twice: the first with a default stays, else the later one counts. */
  function keep(schema: JsonObject, segments: readonly string[], isRequired: boolean): void {
    const type = typeOf(schema);
    if (type === undefined) return;
    const name = dottedName(segments);
    if (found.get(name)?.schema['default'] !== undefined) return;
    found.set(name, { segments, name, type, itemType: itemTypeOf(schema), isRequired, schema });
  }

  visit(document, [], { isRequired: false, refs: [document] });
  const paths = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  known.set(document, paths);
  return paths;
}

interface Position {
  readonly isRequired: boolean;
  readonly refs: readonly JsonObject[];
}

const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array']);
// The set above holds exactly the names of PathType without `unknown`.
const isPathType = (type: unknown): type is PathType => typeof type === 'string' && TYPES.has(type);

/** The one type of a value; undefined where the schema does not say. */
function typeOf(schema: JsonObject): PathType | undefined {
  const type = schema['type'];
  if (isPathType(type)) return type;
  if (Array.isArray(type)) {
    const types = type.filter((each) => each !== 'null');
    return types.length === 1 && isPathType(types[0]) ? types[0] : 'unknown';
  }
  if (type !== undefined) return 'unknown';
  if (schema['const'] !== undefined) return typeOfValue(schema['const']);
  if (schema['default'] !== undefined) return typeOfValue(schema['default']);
  return undefined;
}

function typeOfValue(value: Json): PathType {
  if (Array.isArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  const type = typeof value;
  return isPathType(type) ? type : 'unknown';
}

/** The type of one item of a list, whose schema may speak of each place by itself. */
export function itemTypeAt({ schema, itemType }: SchemaPath, index: number): PathType {
  const { items, additionalItems } = schema;
  if (!Array.isArray(items)) return itemType;
  const own: Json | undefined = index < items.length ? items[index] : additionalItems;
  return isJsonObject(own) ? (typeOf(own) ?? 'unknown') : 'unknown';
}

function itemTypeOf(schema: JsonObject): PathType {
  return isJsonObject(schema['items']) ? (typeOf(schema['items']) ?? 'unknown') : 'unknown';
}
