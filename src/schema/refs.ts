// Where do the references of a schema lead? Inside one document; other documents are put into it first.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { SchemaError } from './faults.ts';

export { SchemaError } from './faults.ts';

/** Keywords whose parts speak of the same value as the schema that holds them. */
export const SAME_VALUE_LISTS = ['allOf', 'anyOf', 'oneOf'] as const;
export const SAME_VALUE_WORDS = ['not', 'if', 'then', 'else'] as const;

/** The schema that a reference inside the document means. Throws SchemaError where there is none. */
export function resolveRef(document: JsonObject, ref: string): JsonObject {
  const [address = '', fragment = ''] = ref.split('#');
  const own = idOf(document);
  const part = address === '' || address === own ? document : findById(document, absolute(address, own), own);
  const target =
    fragment === '' ? part : fragment.startsWith('/') ? followPointer(part, fragment.slice(1)) : undefined;
  const found = target ?? findById(document, absolute(`#${fragment}`, own), own);
  if (!isJsonObject(found)) throw new SchemaError(`the reference ${ref} leads nowhere`);
  return found;
}

const idOf = (document: JsonObject): string =>
  typeof document['$id'] === 'string' ? document['$id'].replace(/#.*$/, '') : '';

function absolute(id: string, base: string): string {
  return URL.canParse(id, base) ? new URL(id, base).href : id;
}

function followPointer(from: unknown, pointer: string): unknown {
  let at = from;
  for (const raw of pointer.split('/')) {
    const key = decodePointer(raw);
    if (Array.isArray(at)) at = at[Number(key)];
    else if (isJsonObject(at) && Object.hasOwn(at, key)) at = at[key];
    else return undefined;
  }
  return at;
}

function decodePointer(segment: string): string {
  const plain = segment.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

function findById(node: unknown, id: string, base: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  if (isJsonObject(node) && typeof node['$id'] === 'string' && absolute(node['$id'], base) === id)
    return node;
  for (const child of Object.values(node)) {
    const found = findById(child, id, base);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The JSON pointer of a part of the document, found by the object itself. */
export function pointerTo(document: JsonObject, part: JsonObject): string {
  let pointers = pointersOf.get(document);
  if (!pointers) {
    pointers = new Map();
    collectPointers(document, '', pointers);
    pointersOf.set(document, pointers);
  }
  return pointers.get(part) ?? '';
}

const pointersOf = new WeakMap<JsonObject, Map<object, string>>();

function collectPointers(node: unknown, pointer: string, into: Map<object, string>): void {
  if (typeof node !== 'object' || node === null) return;
  into.set(node, pointer);
  for (const [key, child] of Object.entries(node)) {
    const segment = encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
    collectPointers(child, `${pointer}/${segment}`, into);
  }
}

/** Each takes some room on the stack of the validator. */
const MAX_CHAIN = 200;

/** Throws SchemaError where checking one value would never end, since a schema refers to itself for the same value. */
export function refuseEndlessRefs(document: JsonObject): void {
  const done = new Set<object>();
  const open = new Set<object>();
  const follow = (node: unknown): void => {
    if (!isJsonObject(node) || done.has(node)) return;
    if (open.has(node)) throw new SchemaError('a reference leads back to itself without end');
    if (open.size > MAX_CHAIN) throw new SchemaError(`more than ${MAX_CHAIN} references follow each other`);
    open.add(node);
    for (const next of sameValue(document, node)) follow(next);
    open.delete(node);
    done.add(node);
  };
  const all = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (isSchemaLike(node)) follow(node);
    for (const child of Object.values(node)) all(child);
  };
  all(document);
}

const isSchemaLike = (node: object): boolean =>
  [...SAME_VALUE_LISTS, ...SAME_VALUE_WORDS, '$ref'].some((keyword) => Object.hasOwn(node, keyword));

function sameValue(document: JsonObject, node: JsonObject): readonly unknown[] {
  if (typeof node['$ref'] === 'string') return [resolveRef(document, node['$ref'])];
  const lists = SAME_VALUE_LISTS.flatMap((keyword) => (Array.isArray(node[keyword]) ? node[keyword] : []));
  return [...lists, ...SAME_VALUE_WORDS.map((keyword) => node[keyword])];
}

const MAX_DOCUMENTS = 10;

/**
 * Puts the documents that a schema refers to by http(s) address into its `definitions`, so that one document is left.
 * `read` fetches a document's text; without it such references are refused. Throws SchemaError where there are too many.
 */
export async function bundleRefs(
  document: JsonObject,
  read: ((url: string) => Promise<string>) | undefined,
): Promise<JsonObject> {
  const own = idOf(document);
  const names = new Map<string, string>();
  const bundled: Record<string, Json> = {};
  const waiting: string[] = [];

  const rewrite = (node: Json, inside: string): Json => {
    if (Array.isArray(node)) return node.map((item: Json) => rewrite(item, inside));
    if (!isJsonObject(node)) return node;
    const out: Record<string, Json> = {};
    for (const [key, value] of Object.entries(node)) {
      if (value === undefined) continue;
      out[key] =
        key === '$ref' && typeof value === 'string' ? moveRef(value, inside) : rewrite(value, inside);
    }
    return out;
  };
  const moveRef = (ref: string, inside: string): string => {
    if (inside !== '' && ref.startsWith('#')) return `#/definitions/${inside}${ref.slice(1)}`;
    if (!/^https?:/.test(ref)) return ref;
    const [url = '', fragment = ''] = ref.split('#');
    // Parts of the document may have addresses of their own.
    if (url === own || findById(document, url, own) !== undefined) return ref;
    let name = names.get(url);
    if (name === undefined) {
      name = `remote-${names.size}`;
      if (names.size >= MAX_DOCUMENTS)
        throw new SchemaError(`the schema refers to more than ${MAX_DOCUMENTS} documents`);
      names.set(url, name);
      waiting.push(url);
    }
    return `#/definitions/${name}${fragment}`;
  };

  const root = rewrite(document, '');
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    if (!read)
      throw new SchemaError(`the schema refers to ${url}, but references to other documents are not allowed`);
    const name = names.get(url) ?? '';
    bundled[name] = rewrite(withoutId(parseRemote(await read(url), url)), name);
  }
  if (names.size === 0 || !isJsonObject(root)) return document;
  const definitions = isJsonObject(root['definitions']) ? root['definitions'] : {};
  return { ...root, definitions: { ...definitions, ...bundled } };
}

function parseRemote(text: string, url: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text);
    if (isJsonObject(json)) return json;
  } catch (error) {
    throw new SchemaError(`the document ${url} is not JSON`, { cause: error });
  }
  throw new SchemaError(`the document ${url} is not a JSON object`);
}

/** Its own name would make references inside it lead out of the bundle. */
function withoutId(document: JsonObject): JsonObject {
  const { $id: _id, id: _oldId, $schema: _schema, ...rest } = document;
  return rest;
}
