// Changes to a JSON document: RFC 6902 with its operations add, remove and replace.

import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { MAX_JSON_DEPTH } from './json-scan.ts';

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: readonly string[]; readonly value: Json }
  | { readonly op: 'remove'; readonly path: readonly string[] };

export type Patched<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** Each operation may move a whole list, so their number bounds the work. */
const MAX_OPERATIONS = 1_000;
/** Items of lists that all operations together may move. */
const MAX_MOVES = 10_000_000;
/** A path makes the parents that are missing, so it can be no deeper than a body. */
const MAX_PATH = MAX_JSON_DEPTH;
const MAX_POINTER = 8_192;
/** Of the whole document, so that one patch after the other does not make it deeper without end. */
const MAX_DOCUMENT_DEPTH = 2 * MAX_JSON_DEPTH;

interface Allowance {
  moves: number;
}

const failed = (reason: string) => ({ ok: false, reason }) as const;

/** A JSON value -> operations with their paths taken apart, or what is wrong with it. */
export function parsePatch(patch: Json): Patched<readonly PatchOperation[]> {
  if (!Array.isArray(patch)) return failed('A JSON Patch is a list of operations.');
  if (patch.length > MAX_OPERATIONS) return failed(`A patch has at most ${MAX_OPERATIONS} operations.`);
  const operations: PatchOperation[] = [];
  const entries: readonly Json[] = patch;
  for (const [index, entry] of entries.entries()) {
    const parsed = parseOperation(entry);
    if (!parsed.ok) return failed(`Operation ${index}: ${parsed.reason}`);
    operations.push(parsed.value);
  }
  return { ok: true, value: operations };
}

function parseOperation(entry: Json): Patched<PatchOperation> {
  if (!isJsonObject(entry)) return failed('it is not an object.');
  const { op, path: pointer, value } = entry;
  if (op !== 'add' && op !== 'remove' && op !== 'replace')
    return failed('"op" must be add, remove or replace.');
  if (typeof pointer !== 'string') return failed('"path" is missing.');
  const path = pointerSegments(pointer);
  if (path === undefined) {
    return failed(
      `${JSON.stringify(pointer.slice(0, 100))} is not a path; it must look like "/traits/name".`,
    );
  }
  if (path.length > MAX_PATH) return failed(`the path has more than ${MAX_PATH} parts.`);
  if (path.length === 0) return failed('the document as a whole cannot be changed.');
  // Such names reach what all objects share.
  if (path.includes('__proto__')) return failed('the path uses the name __proto__.');
  if (op === 'remove') return { ok: true, value: { op, path } };
  return value === undefined ? failed('"value" is missing.') : { ok: true, value: { op, path, value } };
}

/** RFC 6901. Undefined where the text is no pointer. */
function pointerSegments(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  if (pointer.length > MAX_POINTER || !pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const toPointer = (path: readonly string[]): string =>
  path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/**
 * The document after all operations, or why one of them cannot be applied; then nothing was changed. As in Kratos,
 * `replace` of what an object does not have adds it, and missing parents are made (docs/protocol/http.md 5.1).
 */
export function applyPatch(document: JsonObject, operations: readonly PatchOperation[]): Patched<JsonObject> {
  const changed = structuredClone(document);
  const allowance: Allowance = { moves: MAX_MOVES };
  for (const [index, operation] of operations.entries()) {
    const reason = applyOne(changed, operation, allowance);
    if (reason !== undefined) return failed(`Operation ${index} (${toPointer(operation.path)}): ${reason}`);
  }
  return isDeeper(changed, MAX_DOCUMENT_DEPTH)
    ? failed('What comes out of it is nested too deep.')
    : { ok: true, value: changed };
}

/** Level by level, without recursion. */
function isDeeper(document: Json, limit: number): boolean {
  let level: readonly Json[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((value) =>
      // Members of JSON are JSON.
      typeof value === 'object' && value !== null ? (Object.values(value) as Json[]) : [],
    );
  }
  return false;
}

/** Why it cannot be applied, or undefined. */
function applyOne(document: JsonObject, operation: PatchOperation, allowance: Allowance): string | undefined {
  const parent = parentOf(document, operation);
  if (parent === undefined) return 'what holds it does not exist.';
  const key = operation.path.at(-1) ?? '';
  const exists = childOf(parent, key) !== undefined;
  if (operation.op === 'remove' && !exists) return 'there is nothing to remove.';
  if (Array.isArray(parent)) {
    allowance.moves -= parent.length;
    if (allowance.moves < 0) return 'the lists are too long for so many changes.';
    return changeList(parent, { key, exists }, operation);
  }
  if (operation.op === 'remove') delete parent[key];
  else parent[key] = structuredClone(operation.value);
  return undefined;
}

function changeList(
  list: Json[],
  { key, exists }: { readonly key: string; readonly exists: boolean },
  operation: PatchOperation,
): string | undefined {
  const at = key === '-' ? list.length : Number(key);
  if (operation.op === 'remove') {
    list.splice(at, 1);
    return undefined;
  }
  const value = structuredClone(operation.value);
  if (operation.op === 'replace') {
    if (!exists) return 'there is nothing to replace.';
    list[at] = value;
    return undefined;
  }
  if (!exists && at !== list.length) return 'it does not fit there.';
  list.splice(at, 0, value);
  return undefined;
}

type Container = Record<string, Json | undefined> | Json[];

/** The list or object that holds the last segment. For additions what is missing on the way is made. */
function parentOf(document: JsonObject, { op, path }: PatchOperation): Container | undefined {
  // The document is our own copy, so it may be written to.
  let at = document as Container;
  for (const [index, key] of path.slice(0, -1).entries()) {
    let next = childOf(at, key);
    if ((next === undefined || next === null) && op !== 'remove' && !Array.isArray(at)) {
      next = path[index + 1] === '-' || path[index + 1] === '0' ? [] : {};
      at[key] = next;
    }
    if (typeof next !== 'object' || next === null) return undefined;
    at = next as Container;
  }
  return at;
}

function childOf(container: Container, key: string): Json | undefined {
  if (Array.isArray(container)) return /^(?:0|[1-9]\d*)$/.test(key) ? container[Number(key)] : undefined;
  return Object.hasOwn(container, key) ? container[key] : undefined;
}
