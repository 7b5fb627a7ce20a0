// What is wrong with an identity schema, in words for the operator, with the place in its document.
import type { ErrorObject } from 'ajv';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';

export interface SchemaFault {
  /** Keys that lead to the faulty part of the document; none for the document as a whole. */
  readonly path: readonly string[];
  readonly reason: string;
  /** Where the text breaks off, for what is not even JSON. */
  readonly offset?: number;
}

/** An identity schema that cannot be used; the message says why, for the operator. */
export class SchemaError extends Error {
  readonly faults: readonly SchemaFault[];

  constructor(
    what: string | readonly SchemaFault[],
    options: ErrorOptions & { readonly path?: readonly string[] } = {},
  ) {
    const faults = typeof what === 'string' ? [{ path: options.path ?? [], reason: what }] : what;
    super(faults.map(faultInWords).join('; '), options);
    this.faults = faults;
  }
}

/** `the trait "email": type: there is no type "strng"` */
export function faultInWords({ path, reason }: SchemaFault): string {
  const place = placeInWords(path);
  return place === '' ? reason : `${place}: ${reason}`;
}

/** Traits by their names, everything else by its keys. */
function placeInWords(path: readonly string[]): string {
  const names: string[] = [];
  let at = 0;
  while (path[at] === 'properties' && path[at + 1] !== undefined) {
    names.push(path[at + 1] ?? '');
    at += 2;
  }
  const [first, ...trait] = names;
  const rest = path.slice(at).join('.');
  if (first !== 'traits' || trait.length === 0) return path.join('.');
  return `the trait "${trait.join('.')}"${rest === '' ? '' : `: ${rest}`}`;
}

/** What JSON.parse says, with the place where the text breaks off. */
export function syntaxFault(text: string, error: unknown): SchemaFault {
  const said = error instanceof Error ? error.message : String(error);
  const position = / at position (\d+)/.exec(said)?.[1];
  const reason = `the schema is not JSON: ${said.replace(/ (?:in JSON )?at position .*$/s, '')}`;
  if (position === undefined) return { path: [], reason, offset: text.length };
  return { path: [], reason, offset: Number(position) };
}

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/** The faults that the schema of schemas finds, one for each place. */
export function draftFaults(schema: JsonObject, errors: readonly ErrorObject[]): readonly SchemaFault[] {
  const faults = new Map<string, SchemaFault>();
  for (const error of errors) {
    const path = error.instancePath
      .split('/')
      .slice(1)
      .map((segment) => decodeURIComponent(segment.replaceAll('~1', '/').replaceAll('~0', '~')));
    const key = path.join('\n');
    // What fails as a whole fails because of something inside of it.
    const isOuter = errors.some((other) => other.instancePath.startsWith(`${error.instancePath}/`));
    if (isOuter || faults.has(key)) continue;
    faults.set(key, { path, reason: draftReason(error, { schema, path }) });
  }
  return [...faults.values()];
}

function draftReason(
  { keyword, params }: ErrorObject,
  { schema, path }: { readonly schema: JsonObject; readonly path: readonly string[] },
): string {
  const value = valueAt(schema, path);
  const key = path.at(-1);
  const shown = shortly(value);
  if (key === 'type') return `there is no type ${shown}; there are ${TYPES.join(', ')}`;
  if (keyword === 'type') return `must be ${wanted([params['type']].flat().map(String))}, but is ${shown}`;
  if (keyword === 'minimum') return `must be at least ${String(params['limit'])}, but is ${shown}`;
  if (keyword === 'exclusiveMinimum') return `must be more than ${String(params['limit'])}, but is ${shown}`;
  if (keyword === 'minItems') return 'must not be empty';
  if (keyword === 'uniqueItems') return 'must not name anything twice';
  return `cannot be ${shown}`;
}

const WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a text',
};

const wanted = (types: readonly string[]): string => types.map((type) => WORDS[type] ?? type).join(' or ');

function valueAt(schema: JsonObject, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => {
    if (Array.isArray(at)) return at[Number(key)];
    return isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, schema);
}

function shortly(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 60 ? text : `${text.slice(0, 60).toWellFormed()}…`;
}
