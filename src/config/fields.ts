// The kinds of values that configuration keys have.
import type { TSchema, TUnsafe } from 'typebox';
import { DURATION_PATTERN, type Milliseconds, parseDurationMs } from '../lib/duration.ts';
import { Type } from '../schema/typebox.ts';

declare const brand: unique symbol;
/** A size in bytes. */
export type Bytes = number & { readonly [brand]: 'Bytes' };

/** Marks fields whose text is decoded to a number after validation. */
export const DECODE = 'x-decode';
/** Beside `const`: why no other value is possible, for people. */
export const REASON = 'x-reason';

const SIZE_PATTERN = '^[0-9]+(B|KB|MB|GB|TB|PB|EB)$';
const SIZE_FACTOR: Readonly<Record<string, number>> = Object.fromEntries(
  ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'].map((unit, index) => [unit, 1024 ** index]),
);

export function duration(defaultText: string, description: string): TUnsafe<Milliseconds> {
  return Type.Unsafe<Milliseconds>({
    type: 'string',
    pattern: DURATION_PATTERN,
    default: defaultText,
    description,
    [DECODE]: 'duration',
  });
}

export function optionalDuration(description: string): TUnsafe<Milliseconds> {
  return Type.Unsafe<Milliseconds>({
    type: 'string',
    pattern: DURATION_PATTERN,
    description,
    [DECODE]: 'duration',
  });
}

export function size(defaultText: string, description: string): TUnsafe<Bytes> {
  return Type.Unsafe<Bytes>({
    type: 'string',
    pattern: SIZE_PATTERN,
    default: defaultText,
    description,
    [DECODE]: 'size',
  });
}

/** An object whose absence means all its defaults. */
export function section<T extends Parameters<typeof Type.Object>[0]>(properties: T, description?: string) {
  return Type.Object(properties, {
    default: {},
    additionalProperties: false,
    ...(description ? { description } : {}),
  });
}

export const text = (description: string) => Type.Optional(Type.String({ description }));
export const flag = (value: boolean, description: string) => Type.Boolean({ default: value, description });

/** A switch that Kratos writes as text; both spellings are taken. */
export const textFlag = (description: string) =>
  Type.Optional(Type.Union([Type.Boolean(), Type.Literal('true'), Type.Literal('false')], { description }));

export const isOn = (value: boolean | 'true' | 'false' | undefined): boolean | undefined =>
  value === undefined ? undefined : value === true || value === 'true';

/** Stands beside keys that are known and have no effect here. */
export const UNREAD = 'Accepted as Kratos writes it; this version does not read it.';

export const sameSite = (description: string) =>
  Type.Unsafe<'Strict' | 'Lax' | 'None'>({ enum: ['Strict', 'Lax', 'None'], description });

/** One entry of a list of hooks. Names and places are checked against the hooks that are built. */
export const hookEntry = Type.Object(
  {
    hook: Type.String({ description: 'Name of the hook; hooks run in the order of the list.' }),
    config: Type.Optional(Type.Unknown({ description: 'Settings of this hook.' })),
  },
  { additionalProperties: false },
);
export const hookList = Type.Optional(
  Type.Array(hookEntry, { description: 'Hooks that run here, in this order.' }),
);

const returnUrl = { type: 'string', description: 'Where a browser goes afterwards.' } as const;

export interface AfterBlock {
  readonly default_browser_return_url?: string;
  readonly hooks?: readonly { readonly hook: string; readonly config?: unknown }[];
}
/** What follows a flow: for all methods, and for single ones by their name. */
export type After = AfterBlock & { readonly [method: string]: unknown };

export const after = Type.Unsafe<After>({
  type: 'object',
  default: {},
  description: 'What follows: for all methods, and by method name for single ones.',
  properties: { default_browser_return_url: returnUrl, hooks: Type.Array(hookEntry) },
  additionalProperties: {
    type: 'object',
    properties: { default_browser_return_url: returnUrl, hooks: Type.Array(hookEntry) },
    additionalProperties: false,
  },
});

export const before = section({ hooks: hookList }, 'Hooks that run before the flow starts.');

/** The document with durations and sizes as numbers. The document fits the schema already. */
export function decodeFields(schema: TSchema | object, value: unknown): unknown {
  const {
    [DECODE]: kind,
    properties,
    items,
  } = schema as {
    readonly [DECODE]?: string;
    readonly properties?: Readonly<Record<string, object>>;
    readonly items?: object;
  }; // every schema object may carry these keywords
  if (kind === 'duration' && typeof value === 'string') return parseDurationMs(value);
  if (kind === 'size' && typeof value === 'string') return parseSizeBytes(value);
  if (Array.isArray(value) && items) return value.map((item) => decodeFields(items, item));
  if (properties && typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const known = properties[key];
        return [key, known ? decodeFields(known, inner) : inner];
      }),
    );
  }
  return value;
}

function parseSizeBytes(value: string): number {
  const [, amount = '0', unit = 'B'] = /^([0-9]+)([A-Z]+)$/.exec(value) ?? [];
  return Number(amount) * (SIZE_FACTOR[unit] ?? 1);
}
