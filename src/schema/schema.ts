// Does a value fit a JSON schema that an operator or a method wrote? Compiled once, with limits on what a schema may be.
import { createHash } from 'node:crypto';
import { Ajv, type ValidateFunction } from 'ajv';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import { draftFaults, SchemaError, syntaxFault } from './faults.ts';
import { formats } from './formats.ts';
import { useOwnKeywords, withPayment } from './keywords.ts';
import { createMeter, type Meter, TooMuchWork, unlimited } from './meter.ts';
import { schemaPaths } from './paths.ts';
import { compilePattern } from './pattern.ts';
import { toProblems } from './problems.ts';
import { refuseEndlessRefs } from './refs.ts';

export interface CompiledSchema {
  /** The schema in draft 7, as it is checked. */
  readonly json: JsonObject;
  /** All problems at once; none where the value fits. */
  readonly validate: (value: Json) => readonly Problem[];
  /** True where the value fits the part of the schema at this JSON pointer. */
  readonly holds: (pointer: string, value: Json) => boolean;
  /** What checking one value may cost. */
  readonly meter: Meter;
}

/** Enough for thousands of values and patterns on long texts; some 15 ms (measured). */
const MAX_STEPS = 500_000;

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_CACHED = 64;
const ROOT = 'bia:root';

const compiled = new Map<string, CompiledSchema>();

/** Compiles JSON text. Throws SchemaError with a reason for the operator; the same text is compiled once. */
export function compileSchema(text: string): CompiledSchema {
  const key = createHash('sha256').update(text).digest('base64url');
  const before = compiled.get(key);
  if (before) return before;
  const fresh = compile(parseSchema(text), 'checked');
  const oldest = compiled.keys().next();
  if (compiled.size >= MAX_CACHED && !oldest.done) compiled.delete(oldest.value);
  compiled.set(key, fresh);
  return fresh;
}

const ownSchemas = new WeakMap<object, CompiledSchema>();

/** The same for a schema of our own code, which is known by its object. */
export function compileOwnSchema(schema: object): CompiledSchema {
  let own = ownSchemas.get(schema);
  if (!own) {
    // Through JSON, since schema builders hang more on their objects than JSON Schema knows.
    own = compile(parseSchema(JSON.stringify(schema)), 'trusted');
    ownSchemas.set(schema, own);
  }
  return own;
}

/** JSON text -> a schema in draft 7. Throws SchemaError where it is too large, too deep or no JSON object. */
export function parseSchema(text: string): JsonObject {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new SchemaError('the schema is larger than 1 MiB');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SchemaError([syntaxFault(text, error)], { cause: error });
  }
  if (!isJsonObject(json)) throw new SchemaError('the schema is not a JSON object');
  checkShape(json, []);
  return isDraft4(json) ? fromDraft4(json, 'schema') : json;
}

function checkShape(node: unknown, path: readonly string[]): void {
  if (path.length > MAX_DEPTH) throw new SchemaError(`the schema is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof node !== 'object' || node === null) return;
  for (const [key, child] of Object.entries(node)) {
    const here = [...path, key];
    // Such a key would change objects of the program instead of describing a value.
    if (key === '__proto__') throw new SchemaError('the key __proto__ cannot be used', { path: here });
    if (key === 'pattern' && typeof child === 'string') checkPattern(child, here);
    if (key === 'patternProperties' && isJsonObject(child)) {
      for (const pattern of Object.keys(child)) checkPattern(pattern, [...here, pattern]);
    }
    checkShape(child, here);
  }
}

function checkPattern(pattern: string, path: readonly string[]): void {
  try {
    compilePattern(pattern);
  } catch (error) {
    const reason = `the pattern "${pattern}" cannot be used: ${reasonOf(error)}`;
    throw new SchemaError(reason, { cause: error, path });
  }
}

function createAjv(meter: Meter): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    strict: false,
    // schemaOfSchemas() does it.
    validateSchema: false,
    ignoreKeywordsWithRef: true,
    addUsedSchema: false,
    logger: false,
    inlineRefs: false,
    // Otherwise every object has a `constructor` and a `toString`.
    ownProperties: true,
    formats: Object.fromEntries(
      Object.entries(formats).map(([name, check]) => [name, (text: string) => check(text, meter)]),
    ),
    code: {
      // Measured: the pass over the generated code takes a fifth of a compilation, and checks run as fast without it.
      optimize: false,
      regExp: Object.assign((source: string) => meteredPattern(source, meter), { code: 'meteredPattern' }),
    },
  });
  useOwnKeywords(ajv, meter);
  // Known, and compiled when a schema asks for it: that takes 40 ms.
  ajv.addMetaSchema(draft6, undefined, false);
  return ajv;
}

/** Ajv tells patterns apart by their text. */
function meteredPattern(source: string, meter: Meter) {
  const pattern = compilePattern(source);
  return { test: (text: string) => pattern.test(text, meter), toString: () => source };
}

let forSchemas: Ajv | undefined;
/** Checks schemas themselves. One for all of them, since what schemas of a draft are takes 25 ms to compile; keeps none. */
function schemaOfSchemas(): Ajv {
  forSchemas ??= createAjv(unlimited);
  return forSchemas;
}

/** Throws SchemaError with everything that the draft does not allow. */
function refuseWrongDraft(json: JsonObject): void {
  const ajv = schemaOfSchemas();
  // Drafts are checked at once, so there is no promise to wait for.
  if (ajv.validateSchema(json, false) === true) return;
  const faults = draftFaults(json, ajv.errors ?? []);
  throw new SchemaError(faults.length > 0 ? faults : 'the schema is not one of JSON Schema');
}

/** `trusted`: our own, not held against the schema of schemas, and linear to what is sent. */
function compile(json: JsonObject, origin: 'checked' | 'trusted'): CompiledSchema {
  const meter = origin === 'trusted' ? unlimited : createMeter(MAX_STEPS);
  // One validator for each schema, so that the names in one can never reach into another.
  const ajv = createAjv(meter);
  let validate: ValidateFunction;
  try {
    // The validator would follow such references until its stack is full.
    refuseEndlessRefs(json);
    if (origin === 'checked') refuseWrongDraft(json);
    // The name is ours, whatever the schema calls itself: then every part has an address.
    ajv.addSchema(origin === 'checked' ? toObject(withPayment(json)) : json, ROOT);
    const found = ajv.getSchema(ROOT);
    if (!found) throw new SchemaError('the schema is empty');
    validate = found;
    schemaPaths(json);
  } catch (error) {
    if (error instanceof SchemaError) throw error;
    throw new SchemaError(`the schema cannot be used: ${reasonOf(error)}`, { cause: error });
  }
  return {
    json,
    meter,
    validate: (value) => withinMeter(meter, () => (validate(value) ? [] : toProblems(validate.errors ?? []))),
    holds: (pointer, value) => meter.run(() => ajv.getSchema(`${ROOT}#${pointer}`)?.(value) === true),
  };
}

/** The problems that the work finds, or the one that it is too much. */
export function withinMeter<T extends readonly Problem[]>(
  meter: Meter,
  work: () => T,
): T | readonly Problem[] {
  try {
    return meter.run(work);
  } catch (error) {
    if (error instanceof TooMuchWork) return [{ message: messages.generic(TOO_MUCH) }];
    throw error;
  }
}

const TOO_MUCH = 'This is too long, or too much at once, to be checked. Please shorten it.';

const toObject = (json: Json): JsonObject => (isJsonObject(json) ? json : {});

const isDraft4 = (json: JsonObject): boolean => /draft-04/.test(String(json['$schema'] ?? ''));

/** Draft 4 differs in two words: `id` is `$id` now, and exclusive limits were flags beside the limit. */
function fromDraft4(node: JsonObject, as: 'schema' | 'names'): JsonObject {
  const out: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue;
    const isNames =
      as === 'schema' && ['properties', 'patternProperties', 'definitions', 'dependencies'].includes(key);
    const isPlain = as === 'schema' && ['enum', 'default', 'const', 'required'].includes(key);
    out[key] = isPlain ? value : convert(value, isNames ? 'names' : 'schema');
  }
  if (as === 'names') return out;
  delete out['$schema'];
  if (typeof out['id'] === 'string') {
    out['$id'] = out['id'];
    delete out['id'];
  }
  moveLimit(out, 'exclusiveMinimum', 'minimum');
  moveLimit(out, 'exclusiveMaximum', 'maximum');
  return out;
}

function convert(value: Json, as: 'schema' | 'names'): Json {
  if (Array.isArray(value)) return value.map((item: Json) => convert(item, 'schema'));
  return isJsonObject(value) ? fromDraft4(value, as) : value;
}

function moveLimit(schema: Record<string, Json>, flag: string, limit: string): void {
  const isExclusive = schema[flag];
  if (typeof isExclusive !== 'boolean') return;
  delete schema[flag];
  const value = schema[limit];
  if (!isExclusive || value === undefined) return;
  schema[flag] = value;
  delete schema[limit];
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
