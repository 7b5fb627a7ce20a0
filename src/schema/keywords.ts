// The keywords of JSON Schema that Ajv checks in a time that grows with the square of what is sent, or with rounding errors.

import type { Ajv, SchemaValidateFunction } from 'ajv';
import { Decimal } from 'decimal.js';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { type Meter, sizeOf } from './meter.ts';

/** Stands in every part of a schema that is checked, and pays for it. */
const PAYS = 'bia:pays';

/** Numbers are decimals here as they are on paper: 19.99 is a multiple of 0.01. Enough digits for all that are finite. */
const Exact = Decimal.clone({ precision: 700, toExpNeg: -400, toExpPos: 400 });

const isMultiple = (value: number, of: number): boolean => new Exact(value).mod(of).isZero();

/** Replaces the keywords in this validator. What they do is paid for by the meter. */
export function useOwnKeywords(ajv: Ajv, meter: Meter): void {
  for (const keyword of ['uniqueItems', 'enum', 'const', 'multipleOf']) ajv.removeKeyword(keyword);
  const textOf = (value: unknown): string => canonical(value as Json, meter); // Ajv is given JSON alone
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: failing('uniqueItems', (isUnique: boolean, items: readonly unknown[]) => {
      if (!isUnique) return undefined;
      const firstAt = new Map<string, number>();
      for (const [j, item] of items.entries()) {
        const text = textOf(item);
        const i = firstAt.get(text);
        if (i !== undefined) return { i, j };
        firstAt.set(text, j);
      }
      return undefined;
    }),
  });
  const choices = new WeakMap<object, ReadonlySet<string>>();
  const choicesOf = (allowed: readonly unknown[]): ReadonlySet<string> => {
    let set = choices.get(allowed);
    if (!set) {
      set = new Set(allowed.map((value) => canonical(value as Json, undefined)));
      choices.set(allowed, set);
    }
    return set;
  };
  ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    validate: failing('enum', (allowed: readonly unknown[], data: unknown) =>
      choicesOf(allowed).has(textOf(data)) ? undefined : { allowedValues: allowed },
    ),
  });
  ajv.addKeyword({
    keyword: 'const',
    validate: failing('const', (only: unknown, data: unknown) =>
      canonical(only as Json, meter) === textOf(data) ? undefined : { allowedValue: only },
    ),
  });
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: failing('multipleOf', (of: number, data: number) => {
      meter.spend(DECIMAL_STEPS);
      return isMultiple(data, of) ? undefined : { multipleOf: of };
    }),
  });
  ajv.addKeyword({
    keyword: PAYS,
    schemaType: 'number',
    errors: false,
    validate: (weight: number, data: unknown) => {
      meter.spend(weight + sizeOf(data));
      return true;
    },
  });
}

/** A division of numbers that lie six hundred places apart takes so long. */
const DECIMAL_STEPS = 500;

/** As Ajv wants it: a function that leaves the errors on itself. */
function failing<S, D>(
  keyword: string,
  check: (schema: S, data: D) => Record<string, unknown> | undefined,
): SchemaValidateFunction {
  const validate: SchemaValidateFunction = (schema: S, data: D) => {
    const params = check(schema, data);
    validate.errors = params === undefined ? [] : [{ keyword, params, message: keyword }];
    return params === undefined;
  };
  return validate;
}

/** One text for equal values, whatever the order of their keys. */
export function canonical(value: Json, meter: Meter | undefined): string {
  meter?.spend(sizeOf(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return `[${items.map((item) => canonical(item, meter)).join()}]`;
  }
  const members = Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member ?? null, meter)}`).join()}}`;
}

/** Keywords that hold values, and those that hold schemas by name. All others may hold a schema that somebody refers to. */
const VALUES: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples', 'required', 'type']);
const NAMED: ReadonlySet<string> = new Set([
  'definitions',
  'dependencies',
  'patternProperties',
  'properties',
]);
/** Each error that Ajv makes costs as much as some steps of a pattern. */
const ERROR_STEPS = 4;

/** A copy of a schema of draft 7 in which each part pays for being checked. */
export function withPayment(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((part: Json) => withPayment(part));
  if (!isJsonObject(schema)) return schema;
  const paying = Object.entries(schema).map(([keyword, value = null]) => {
    if (VALUES.has(keyword)) return [keyword, value] as const;
    return [
      keyword,
      NAMED.has(keyword) && isJsonObject(value) ? eachWithPayment(value) : withPayment(value),
    ] as const;
  });
  // Beside a reference nothing counts; what it leads to pays.
  const own = typeof schema['$ref'] === 'string' ? [] : [[PAYS, weightOf(schema)] as const];
  return Object.fromEntries([...paying, ...own]);
}

const eachWithPayment = (parts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(parts).map(([name, part = null]) => [name, withPayment(part)]));

function weightOf(schema: JsonObject): number {
  let weight = 1;
  for (const value of Object.values(schema)) {
    weight += 1;
    if (Array.isArray(value)) weight += value.length;
    else if (isJsonObject(value)) weight += Object.keys(value).length;
  }
  return weight * ERROR_STEPS;
}
