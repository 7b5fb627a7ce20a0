// What templates reckon with: the values of JSON, and moments. Lists and maps are copied, never changed.
import { isJsonObject, type Json } from '../../lib/json.ts';

/** A moment with the zone that it is shown in. */
export interface Moment {
  readonly atMs: number;
  readonly zone: string;
}

/** `undefined` is Go's nil, and what a key that is not there gives. */
export type Value = undefined | boolean | number | string | readonly Value[] | ValueMap | Moment;
/** A Map, because keys such as `__proto__` come from outside. */
export type ValueMap = ReadonlyMap<string, Value>;

/** A map whose fields are all known: another name is a mistake of the template, as with a struct in Go. */
export class Struct extends Map<string, Value> {}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isMap = (value: Value): value is ValueMap => value instanceof Map;
export const isMoment = (value: Value): value is Moment =>
  typeof value === 'object' && !isList(value) && !isMap(value);

export function fromJson(json: Json | undefined): Value {
  if (json === null || json === undefined) return undefined;
  if (Array.isArray(json)) return json.map((item: Json) => fromJson(item));
  if (isJsonObject(json)) return new Map(Object.entries(json).map(([key, item]) => [key, fromJson(item)]));
  // What is neither a list nor an object is a plain value.
  return json as boolean | number | string;
}

export function toJson(value: Value): Json {
  if (value === undefined) return null;
  if (isList(value)) return value.map(toJson);
  if (isMap(value)) return Object.fromEntries(sortedEntries(value).map(([key, item]) => [key, toJson(item)]));
  if (isMoment(value)) return new Date(value.atMs).toISOString();
  return value;
}

/** Go visits maps in the order of their keys. */
export function sortedEntries(map: ValueMap): readonly (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** False are: nil, false, 0, the empty text, the empty list and the empty map. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return isMoment(value) || Boolean(value);
}

export function kindOf(value: Value): string {
  if (value === undefined) return 'invalid';
  if (isList(value)) return 'slice';
  if (isMap(value)) return 'map';
  if (isMoment(value)) return 'struct';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Number.isInteger(value) ? 'int' : 'float64';
}

/** As Go prints a value by `%v`; a nil inside of another value is `<nil>`. */
export function toText(value: Value): string {
  if (value === undefined) return '<nil>';
  if (isList(value)) return `[${value.map(toText).join(' ')}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${toText(item)}`)
      .join(' ')}]`;
  if (isMoment(value)) return new Date(value.atMs).toISOString();
  return typeof value === 'number' ? numberText(value) : String(value);
}

/** Go writes an exponent below 1e-4 and from 1e21 on, with two digits at least. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}
