// What did the client send? Bytes -> JSON or form fields, or the reason why they cannot be read.
import { isJsonObject, type Json } from '../lib/json.ts';
import { jsonFault, MAX_JSON_DEPTH, MAX_NAME_LENGTH, nameFault, textFault } from '../lib/json-scan.ts';
import { readMultipart } from './multipart.ts';

export type RawBody =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'form'; readonly entries: readonly (readonly [name: string, value: string])[] }
  | { readonly kind: 'none' | 'unsupported' | 'malformed'; readonly reason: string };

export interface RawRequest {
  readonly method: string;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
  /** Read as a form where the method is GET or HEAD. */
  readonly query: URLSearchParams;
}

const MAX_FORM_FIELDS = 1_000;
const MAX_JSON_VALUES = 10_000;

const malformed = (reason: string): RawBody => ({ kind: 'malformed', reason });

/** Never throws for what a client sends: bodies that cannot be read come back with a reason for people. */
export async function parseRawBody(request: RawRequest): Promise<RawBody> {
  const { method, bytes } = request;
  if (method === 'GET' || method === 'HEAD') {
    if (request.query.size > MAX_FORM_FIELDS) return tooManyFields();
    return checkedForm([...request.query]);
  }
  if (bytes.length === 0) return { kind: 'none', reason: 'The request has no body.' };
  const type = (request.contentType ?? '').split(';')[0]?.trim().toLowerCase();
  switch (type) {
    case 'application/json':
      return parseJson(bytes);
    case 'application/x-www-form-urlencoded':
      return parseForm(bytes);
    case 'multipart/form-data':
      return parseMultipart(bytes, request.contentType ?? '');
    default:
      return {
        kind: 'unsupported',
        reason: `The content type "${type || 'application/octet-stream'}" cannot be read. Send application/json or application/x-www-form-urlencoded.`,
      };
  }
}

/** Undefined where the bytes are not UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseJson(bytes: Uint8Array): RawBody {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed('The JSON body is not UTF-8.');
  const fault = jsonFault(text, { maxValues: MAX_JSON_VALUES, maxTopLevel: MAX_FORM_FIELDS });
  if (fault !== undefined) return malformed(fault);
  let value: Json;
  try {
    // JSON.parse answers with JSON values only.
    value = JSON.parse(text) as Json;
  } catch (error) {
    return malformed(
      `The body is not JSON: ${error instanceof Error ? error.message : 'it cannot be parsed'}.`,
    );
  }
  if (!isJsonObject(value)) return malformed('The JSON body must be an object.');
  // At its top level a JSON body is a form: its names may be paths.
  return Object.keys(value).some(isTooDeep) ? malformed(TOO_DEEP) : { kind: 'json', value };
}

const TOO_DEEP = `The body has a name of more than ${MAX_JSON_DEPTH} parts.`;

/** Of a name that is a path, such as `traits.name.first`. */
function isTooDeep(name: string): boolean {
  return name.includes('.') && countAtMost(name, '.', MAX_JSON_DEPTH) >= MAX_JSON_DEPTH;
}

/** A form as browsers send it. */
export function parseForm(bytes: Uint8Array): RawBody {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed('The form is not UTF-8.');
  if (countAtMost(text, '&', MAX_FORM_FIELDS) >= MAX_FORM_FIELDS) return tooManyFields();
  const entries: [string, string][] = [];
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = unescapeField(at < 0 ? pair : pair.slice(0, at));
    const value = unescapeField(at < 0 ? '' : pair.slice(at + 1));
    if (name === undefined || value === undefined) return malformed('The form holds a broken % escape.');
    entries.push([name, value]);
  }
  return checkedForm(entries);
}

/** Undefined where an escape is cut off or is not UTF-8. */
function unescapeField(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function countAtMost(text: string, char: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0 && count < limit; at = text.indexOf(char, at + 1)) count += 1;
  return count;
}

async function parseMultipart(bytes: Uint8Array, contentType: string): Promise<RawBody> {
  const form = await readMultipart(bytes, contentType, {
    maxFields: MAX_FORM_FIELDS,
    maxNameLength: MAX_NAME_LENGTH,
  });
  switch (form.kind) {
    case 'fields':
      return checkedForm(form.entries);
    case 'too-many':
      return tooManyFields();
    case 'name-too-long':
      return malformed(`The form has a name longer than ${MAX_NAME_LENGTH} bytes.`);
    case 'broken':
      return malformed('The multipart form cannot be read.');
    default:
      return form satisfies never;
  }
}

function checkedForm(entries: readonly (readonly [name: string, value: string])[]): RawBody {
  if (entries.length > MAX_FORM_FIELDS) return tooManyFields();
  for (const [name, value] of entries) {
    const fault = nameFault(name) ?? textFault(name) ?? textFault(value);
    if (fault) return malformed(fault);
    if (isTooDeep(name)) return malformed(TOO_DEEP);
  }
  return { kind: 'form', entries };
}

const tooManyFields = (): RawBody => malformed(`The form has more than ${MAX_FORM_FIELDS} fields.`);
