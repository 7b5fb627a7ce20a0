// The builders of TypeBox that Bia uses: its types at compile time, the JSON Schema they stand for at run time.
import type { TSchema, Type as TypeBox } from 'typebox';

type Options = Readonly<Record<string, unknown>>;

/** Stands on what may be absent. Not enumerable: it is no part of the schema. */
const OPTIONAL = '~optional';

const isOptional = (schema: object): boolean => OPTIONAL in schema;

const builders = {
  String: (options?: Options) => ({ type: 'string', ...options }),
  Integer: (options?: Options) => ({ type: 'integer', ...options }),
  Boolean: (options?: Options) => ({ type: 'boolean', ...options }),
  Unknown: (options?: Options) => ({ ...options }),
  Literal: (value: string, options?: Options) => ({ type: typeof value, const: value, ...options }),
  Array: (items: TSchema, options?: Options) => ({ type: 'array', items, ...options }),
  Union: (anyOf: readonly TSchema[], options?: Options) => ({ anyOf, ...options }),
  Record: (_key: TSchema, value: TSchema, options?: Options) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...options,
  }),
  Object: (properties: Readonly<Record<string, TSchema>>, options?: Options) => {
    const required = Object.keys(properties).filter((name) => !isOptional(properties[name] ?? {}));
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options };
  },
  Optional: (schema: TSchema) => Object.defineProperty({ ...schema }, OPTIONAL, { value: true }),
  Unsafe: (schema: TSchema) => schema,
};

/**
 * As in TypeBox. Measured: loading TypeBox itself reads 370 files, which is a tenth of a second of each start and 20 MiB for
 * as long as the server runs, for what these lines build.
 */
// The same calls give the same schemas, so the types of TypeBox hold for them.
export const Type = builders as unknown as Pick<typeof TypeBox, keyof typeof builders>;
