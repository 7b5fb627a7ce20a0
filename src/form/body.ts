// Which values does a submission hold for a method? Raw body -> value of the method's schema, typed by that schema.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { MAX_NAME_LENGTH } from '../lib/json-scan.ts';
import type { Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import { dottedName, type SchemaPath, schemaPaths } from '../schema/paths.ts';
import { type CompiledSchema, compileOwnSchema } from '../schema/schema.ts';
import { assemble } from './assemble.ts';
import type { RawBody } from './raw-body.ts';

export type { RawBody } from './raw-body.ts';

export interface DecodeOptions {
  /** Schema of the identity: types `traits` where the payload has them, and checks them where `validate` is given. */
  readonly traits?: Pick<CompiledSchema, 'json'> & Partial<Pick<CompiledSchema, 'validate'>>;
  /** Only types the values; for payloads that the protocol does not check. */
  readonly isUnchecked?: true;
}

export type Decoded =
  | { readonly kind: 'value'; readonly value: JsonObject }
  | {
      readonly kind: 'problems';
      readonly problems: readonly Problem[];
      /** What was understood nevertheless, by node name, to be put back into the form. */
      readonly echo: JsonObject;
      /** The same as a value of the schema. */
      readonly value: JsonObject;
    };

export type Probe =
  | { readonly kind: 'readable'; readonly body: JsonObject }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The top level of a body without any schema: enough to see which method it is for. Form fields are texts. */
export function probeBody(raw: RawBody): Probe {
  switch (raw.kind) {
    case 'json':
      return { kind: 'readable', body: isJsonObject(raw.value) ? raw.value : {} };
    case 'form':
      // Turned round, since of several values of a name the first counts.
      return { kind: 'readable', body: Object.fromEntries([...raw.entries].reverse()) };
    default:
      return { kind: 'unreadable', reason: raw.reason };
  }
}

/**
 * Decodes and checks a body (docs/protocol/methods.md 1.4). `schema` is a JSON schema of an object; keys that it does not know
 * are dropped. A body that cannot be read gives one problem, 4000001 with the reason.
 */
export function decodeBody(raw: RawBody, schema: object, options: DecodeOptions = {}): Decoded {
  if (raw.kind !== 'json' && raw.kind !== 'form') {
    return { kind: 'problems', problems: [{ message: messages.generic(raw.reason) }], echo: {}, value: {} };
  }
  const compiled = compileOwnSchema(schema);
  const paths = payloadPaths(compiled.json, options.traits?.json);
  const { value, problems: unkept } = assemble(raw, paths);
  if (options.isUnchecked) return { kind: 'value', value };
  const traits = value['traits'];
  const found = [
    ...compiled.validate(value),
    ...(isJsonObject(traits) ? (options.traits?.validate?.({ traits }) ?? []) : []),
  ];
  // What is said about such a number beside that is not to the point.
  const told = new Set(unkept.map(({ at }) => at));
  const problems = [...unkept, ...found.filter(({ at }) => !told.has(at))];
  if (problems.length === 0) return { kind: 'value', value };
  return { kind: 'problems', problems, echo: flatten(value), value };
}

/** What the payload's schema names, with the traits as the identity's schema has them. */
function payloadPaths(payload: JsonObject, identity: JsonObject | undefined): readonly SchemaPath[] {
  const own = schemaPaths(payload);
  if (!identity || !own.some((path) => path.name === 'traits')) return own;
  const isTrait = (path: SchemaPath): boolean => path.segments[0] === 'traits';
  return [...own.filter((path) => !isTrait(path)), ...schemaPaths(identity).filter(isTrait)];
}

/** Longer paths name no field that a form could have. */
const MAX_PATH_LENGTH = 2 * MAX_NAME_LENGTH;

/** Plain values by dotted name; items of lists by their index. Nothing is left of null. */
export function flatten(value: Json, prefix: readonly string[] = []): JsonObject {
  const flat: Record<string, Json> = {};
  const waiting: { readonly part: Json; readonly name: string }[] = [
    { part: value, name: dottedName(prefix) },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { part, name } = next;
    if (part === null) continue;
    if (typeof part !== 'object') {
      flat[name] = part;
      continue;
    }
    const members: readonly (readonly [string, Json | undefined])[] = Object.entries(part);
    // The last one first, since the last one that waits is taken first.
    for (const [key, child] of members.toReversed()) {
      if (child === undefined || name.length + key.length > MAX_PATH_LENGTH) continue;
      const own = dottedName([key]);
      waiting.push({ part: child, name: name === '' ? own : `${name}.${own}` });
    }
  }
  return flat;
}
