// The body of a step: what the core reads of it itself, and what reaches the method.
import type { TSchema } from 'typebox';
import type { RawBody } from '../../form/body.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { Type } from '../../schema/typebox.ts';
import type { FlowRequest } from '../request.ts';

export interface StepBody {
  readonly body: TSchema;
  readonly query?: 'instead' | 'beside';
}

/** Members of every body that belong to the core. */
const CORE: Readonly<Record<string, TSchema>> = {
  method: Type.String(),
  csrf_token: Type.String(),
  transient_payload: Type.Object({}, { additionalProperties: true }),
};

const composed = new WeakMap<TSchema, TSchema>();

/** The step's schema with the members of the core. The same value each time, since compiling it takes long. */
export function schemaOfBody(own: TSchema): TSchema {
  const known = composed.get(own);
  if (known) return known;
  const schema = { ...own, properties: { ...CORE, ...propertiesOf(own) } };
  composed.set(own, schema);
  return schema;
}

/** A body without what belongs to the core, unless the step asks for it by name. */
export function ownPart(own: TSchema, value: JsonObject): JsonObject {
  const asked = propertiesOf(own);
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !Object.hasOwn(CORE, name) || Object.hasOwn(asked, name)),
  );
}

function propertiesOf(schema: TSchema): Readonly<Record<string, unknown>> {
  const { properties } = schema as { readonly properties?: Readonly<Record<string, unknown>> }; // of an object schema
  return properties ?? {};
}

/** The submitted values; for a step that takes some from the address, with those that the body does not name. */
export function bodyFor(step: StepBody, { body, query, verb }: FlowRequest): RawBody {
  if (step.query !== 'beside' || verb !== 'POST') return body;
  if (body.kind === 'form') {
    const named = new Set(body.entries.map(([name]) => name));
    return { ...body, entries: [...body.entries, ...[...query].filter(([name]) => !named.has(name))] };
  }
  if (body.kind !== 'json' || !isJsonObject(body.value)) return body;
  return { ...body, value: { ...Object.fromEntries(query), ...body.value } };
}
