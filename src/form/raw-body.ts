// What did the client send? Bytes -> JSON or form fields, or the reason why they cannot be read.
import { isJsonObject, type Json } from '../lib/json.ts';
import { jsonWeightFault } from '../lib/json-weight.ts';

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
  if (method === 'GET' || method === 'HEAD') return checkedForm([...request.query]);
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
  const tooMuch = jsonWeightFault(text, MAX_JSON_VALUES);
  if (tooMuch !== undefined) return malformed(tooMuch);
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
  const fault = jsonFault(value);
  return fault === undefined ? { kind: 'json', value } : malformed(fault);
}

/** What makes a JSON value unfit to be worked with. Walks without recursion, so depth costs no stack. */
export function jsonFault(root: Json): string | undefined {
  const waiting: Json[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'string') {
      const fault = textFault(value);
      if (fault) return fault;
    }
    // 1e999 is valid JSON, but no number that could be given back.
    if (typeof value === 'number' && !Number.isFinite(value))
      return 'The JSON body holds a number that is too large.';
    if (typeof value !== 'object' || value === null) continue;
    for (const name of Array.isArray(value) ? [] : Object.keys(value)) {
      const fault = keyFault(name);
      if (fault) return fault;
    }
    // Objects made by JSON.parse hold no undefined.
    for (const child of Object.values(value)) waiting.push(child as Json);
  }
  return undefined;
}

function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'The body holds a NUL character.';
  return text.isWellFormed() ? undefined : 'The body holds half a character (a lone surrogate).';
}

function keyFault(name: string): string | undefined {
  // Set on an object, this name would change what all objects inherit.
  if (/(?:^|\.)__proto__(?:$|\.)/.test(name)) return 'The body uses the name __proto__.';
  return textFault(name);
}

function parseForm(bytes: Uint8Array): RawBody {
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
  try {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': contentType },
    }).formData();
    // Files have no place in any form of ours.
    return checkedForm(
      [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
    );
  } catch {
    return malformed('The multipart form cannot be read.');
  }
}

function checkedForm(entries: readonly (readonly [name: string, value: string])[]): RawBody {
  if (entries.length > MAX_FORM_FIELDS) return tooManyFields();
  for (const [name, value] of entries) {
    const fault = keyFault(name) ?? textFault(value);
    if (fault) return malformed(fault);
  }
  return { kind: 'form', entries };
}

const tooManyFields = (): RawBody => malformed(`The form has more than ${MAX_FORM_FIELDS} fields.`);
