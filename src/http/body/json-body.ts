// Bodies of the administrators' API: JSON, read strictly, in the shape that a schema of ours describes.
import type { Static, TSchema } from 'typebox';
import { createBreaks } from '../../lib/breaks.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { JsonScan } from '../../lib/json-scan.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { compileOwnSchema } from '../../schema/schema.ts';
import type { HttpContext } from '../port/context.ts';

/** Fifty for each of a thousand identities. Measured: to parse as many with names that all differ takes 20 ms. */
const MAX_VALUES = 50_000;
/** As many operations as a patch may have; all other bodies have few members. */
const MAX_TOP_LEVEL = 1_000;
/** Read without a break. */
const SLICE = 256 * 1024;

/** The body as JSON. Throws 400 for anything else; with `json` also where the request does not say that it is JSON. */
export async function readJson(context: HttpContext, contentType: 'any' | 'json' = 'any'): Promise<Json> {
  const type = (context.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (contentType === 'json' && type !== 'application/json') {
    throw badRequest('The request must have the content type application/json.');
  }
  const bytes = await context.readBody();
  if (bytes.length === 0) throw badRequest('The request has no body.');
  return parse(bytes);
}

async function parse(bytes: Uint8Array): Promise<Json> {
  const breaks = createBreaks();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badRequest('The request body is not valid UTF-8.');
  }
  const scan = new JsonScan(text, { maxValues: MAX_VALUES, maxTopLevel: MAX_TOP_LEVEL });
  for (let until = SLICE; until < text.length + SLICE; until += SLICE) {
    const fault = scan.read(Math.min(until, text.length));
    if (fault !== undefined) throw badRequest(fault);
    await breaks.take();
  }
  try {
    // JSON.parse answers with JSON values only.
    const value = JSON.parse(text) as Json;
    await breaks.take();
    return value;
  } catch {
    // The parser's own words would repeat what was sent, passwords too.
    throw badRequest('The request body is not valid JSON.');
  }
}

/**
 * The value in the shape of the schema, or 400 with everything that is wrong. null counts as absent, except where the
 * schema takes any value. Keys that the schema does not name are refused, or left where they are.
 */
export function shaped<T extends TSchema>(
  value: Json,
  schema: T,
  unknownKeys: 'refused' | 'ignored',
): Static<T> {
  const compiled = compileOwnSchema(schema);
  const tidy = withoutNulls(value, compiled.json, { unknownKeys, path: '' });
  const problems = compiled.validate(tidy);
  if (problems.length > 0) {
    throw badRequest(
      problems.map(({ at, message }) => (at ? `${at}: ${message.text}` : message.text)).join(' '),
    );
  }
  return tidy as Static<T>; // it was just checked against the schema
}

interface Walk {
  readonly unknownKeys: 'refused' | 'ignored';
  readonly path: string;
}

function withoutNulls(value: Json, schema: JsonObject, at: Walk): Json {
  const { items } = schema;
  if (Array.isArray(value) && isJsonObject(items)) {
    const list: readonly Json[] = value;
    return list.map((item, index) => withoutNulls(item, items, { ...at, path: `${at.path}${index}.` }));
  }
  if (!isJsonObject(value) || !isClosed(schema)) return value;
  const kept: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    const own = memberSchema(schema, key);
    if (!own && at.unknownKeys === 'refused') {
      throw new ApiError({ status: 400, message: `The body has an unknown key: ${at.path}${key}` });
    }
    if (member === undefined || (member === null && own?.['type'] !== undefined)) continue;
    kept[key] = own ? withoutNulls(member, own, { ...at, path: `${at.path}${key}.` }) : member;
  }
  return kept;
}

/** True where the schema says which keys there are. */
const isClosed = (schema: JsonObject): boolean =>
  isJsonObject(schema['patternProperties']) ||
  (isJsonObject(schema['properties']) && Object.keys(schema['properties']).length > 0);

function memberSchema(schema: JsonObject, key: string): JsonObject | undefined {
  const { properties, patternProperties } = schema;
  const named = isJsonObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  const [any] = isJsonObject(patternProperties) ? Object.values(patternProperties) : [];
  const found = named ?? any;
  return isJsonObject(found) ? found : undefined;
}
