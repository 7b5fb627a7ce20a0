// What the identity schema says about a trait beyond its node: explanations, limits, and titles of choices.
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { schemaPaths } from '../../schema/paths.ts';

export interface TraitFacts {
  readonly description?: string | undefined;
  /** Room for several lines. */
  readonly isLong?: boolean;
  readonly isInteger?: boolean;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly step?: number | undefined;
  /** Titles of the values of an enum. */
  readonly titles?: Readonly<Record<string, string>> | undefined;
}

export type TraitFactsByName = Readonly<Record<string, TraitFacts>>;

/** From this length on a text gets several lines. Names are often limited to 255 and stay on one. */
const LONG_TEXT = 500;

const kept = new WeakMap<JsonObject, TraitFactsByName>();

export function traitFacts(schema: JsonObject): TraitFactsByName {
  const before = kept.get(schema);
  if (before) return before;
  const facts = Object.fromEntries(
    schemaPaths(schema).map((path) => [path.name, factsOf(path.schema, path.type === 'integer')]),
  );
  kept.set(schema, facts);
  return facts;
}

function factsOf(schema: JsonObject, isInteger: boolean): TraitFacts {
  const { description } = schema;
  const maxLength = numberOf(schema['maxLength']);
  return {
    description: typeof description === 'string' ? description : undefined,
    isLong: maxLength !== undefined && maxLength >= LONG_TEXT && schema['format'] === undefined,
    isInteger,
    maxLength,
    minimum: numberOf(schema['minimum']),
    maximum: numberOf(schema['maximum']),
    step: numberOf(schema['multipleOf']),
    titles: titlesOf(schema),
  };
}

const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** `oneOf: [{ const, title }]`, or `enumNames` beside `enum`, as form libraries write it. */
function titlesOf({
  oneOf,
  enum: values,
  enumNames,
}: JsonObject): Readonly<Record<string, string>> | undefined {
  const named = (Array.isArray(oneOf) ? oneOf : []).filter(isJsonObject);
  const pairs = [
    ...named.map(({ const: value, title }) => [value, title] as const),
    ...(Array.isArray(values) && Array.isArray(enumNames)
      ? values.map((value, at) => [value, enumNames[at]] as const)
      : []),
  ];
  const titles = pairs.filter(([, title]) => typeof title === 'string');
  return titles.length === 0
    ? undefined
    : Object.fromEntries(titles.map(([value, title]) => [String(value), title]));
}
