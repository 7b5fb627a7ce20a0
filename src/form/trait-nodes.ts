// Which form fields does an identity schema ask for, in which order, and what do they hold?
import type { Json, JsonObject } from '../lib/json.ts';
import { isJsonObject } from '../lib/json.ts';
import type { Message } from '../protocol/message.ts';
import { fieldTitle, identifierGeneric } from '../protocol/messages.ts';
import { EXTENSION } from '../schema/derive.ts';
import { dottedName, type PathType, type SchemaPath, schemaPaths } from '../schema/paths.ts';
import { flatten } from './body.ts';
import { type InputAttributes, type InputType, input, type Node } from './node.ts';

const MAX_OPTIONS = 500;

const TYPE_OF: Readonly<Partial<Record<PathType, InputType>>> = {
  boolean: 'checkbox',
  number: 'number',
  integer: 'number',
  string: 'text',
};
const TYPE_OF_FORMAT: Readonly<Record<string, InputType>> = {
  'date-time': 'datetime-local',
  email: 'email',
  tel: 'tel',
  date: 'date',
  uri: 'url',
};
const AUTOCOMPLETE: ReadonlySet<InputType> = new Set(['email', 'tel', 'url']);

/** A field for each simple value of the schema, without values (docs/protocol/methods.md 1.6). */
export function traitNodes(schema: JsonObject, group: string): readonly Node[] {
  return schemaPaths(schema).flatMap((path) => (hasField(path) ? [traitNode(path, group)] : []));
}

/** Lists of simple values have a field too; groups of fields and lists of groups have none. */
function hasField(path: SchemaPath): boolean {
  if (path.type === 'array') return path.itemType in TYPE_OF;
  return path.type in TYPE_OF;
}

function traitNode(path: SchemaPath, group: string): Node {
  const { schema, name } = path;
  const format = typeof schema['format'] === 'string' ? TYPE_OF_FORMAT[schema['format']] : undefined;
  const type = format ?? TYPE_OF[path.type] ?? 'text';
  const options = Array.isArray(schema['enum']) ? schema['enum'].slice(0, MAX_OPTIONS) : undefined;
  const attributes: Omit<InputAttributes, 'node_type' | 'disabled'> = {
    name,
    type,
    ...(path.isRequired ? { required: true as const } : {}),
    ...(AUTOCOMPLETE.has(type) ? { autocomplete: type } : {}),
    ...(typeof schema['pattern'] === 'string' ? { pattern: schema['pattern'] } : {}),
    ...(options ? { options: options.map((value: Json) => ({ value })) } : {}),
  };
  return input(group, attributes, titleOf(path));
}

function titleOf(path: SchemaPath): Message | undefined {
  const title = path.schema['title'];
  return typeof title === 'string' && title !== '' ? fieldTitle(title, path.name) : undefined;
}

const keysOf = new WeakMap<JsonObject, readonly string[]>();

/** Names of the values in the order of the document, for sorting: only through plain properties of objects. */
export function schemaKeys(schema: JsonObject): readonly string[] {
  const before = keysOf.get(schema);
  if (before) return before;
  const keys: string[] = [];
  const visit = (node: unknown, segments: readonly string[]): void => {
    if (!isJsonObject(node) || node['type'] !== 'object' || !isJsonObject(node['properties'])) {
      if (segments.length > 0) keys.push(dottedName(segments));
      return;
    }
    for (const [key, child] of Object.entries(node['properties'])) visit(child, [...segments, key]);
  };
  visit(schema, []);
  keysOf.set(schema, keys);
  return keys;
}

/** What the identifier is called when signing in: the one trait that identifies, or a general word where there are several. */
export function identifierLabel(schema: JsonObject): Message {
  const identifying = schemaPaths(schema).filter(isIdentifier);
  const [only] = identifying;
  return (identifying.length === 1 && only && titleOf(only)) || identifierGeneric();
}

function isIdentifier({ schema }: SchemaPath): boolean {
  const extension = schema[EXTENSION];
  const credentials = isJsonObject(extension) ? extension['credentials'] : undefined;
  if (!isJsonObject(credentials)) return false;
  return Object.values(credentials).some(
    (flags) =>
      isJsonObject(flags) &&
      [flags['identifier'], flags['display_name'], flags['account_name']].includes(true),
  );
}

/** Plain values of traits by the names of their fields. */
export function flattenTraits(traits: JsonObject, prefix: string): JsonObject {
  return flatten(traits, prefix === '' ? [] : [prefix]);
}

/** Puts the values of traits into their fields, as `withValues` does. */
export function withTraitValues(
  nodes: readonly Node[],
  traits: JsonObject,
  of: { readonly prefix: string; readonly group: string },
): readonly Node[] {
  return withValues(nodes, flattenTraits(traits, of.prefix), of.group);
}

/**
 * Puts values into the fields of their names; each such field moves to `group`. Values without a field get one, with a
 * type that fits them.
 */
export function withValues(nodes: readonly Node[], values: JsonObject, group: string): readonly Node[] {
  const names = new Set<string>();
  const filled = nodes.map((node): Node => {
    const { attributes } = node;
    if (attributes.node_type !== 'input' || !Object.hasOwn(values, attributes.name)) return node;
    names.add(attributes.name);
    const value = values[attributes.name];
    return value === undefined ? node : { ...node, group: group, attributes: { ...attributes, value } };
  });
  const added = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || names.has(name) ? [] : [input(group, { name, type: typeOfValue(value), value })],
  );
  return [...filled, ...added];
}

function typeOfValue(value: Json): InputType {
  if (typeof value === 'boolean') return 'checkbox';
  return typeof value === 'number' ? 'number' : 'text';
}
