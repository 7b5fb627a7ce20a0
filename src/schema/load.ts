// Which identity schemas are there, and what can be done with each of them?
import type { Clock } from '../lib/clock.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import { ApiError } from '../protocol/api-error.ts';
import type { Problem } from '../protocol/message.ts';
import { misconfigured, upstreamFailed } from '../protocol/refusals.ts';
import { identitySchemaFaults } from './check.ts';
import { type Derivation, deriveFromTraits } from './derive.ts';
import { SchemaError, type SchemaFault } from './faults.ts';
import { bundleRefs } from './refs.ts';
import { type CompiledSchema, compileSchema, parseSchema } from './schema.ts';

export interface IdentitySchema {
  readonly id: string;
  /** May be chosen with `?identity_schema=` by whoever starts a flow. */
  readonly isSelectable: boolean;
  /** The text as its source has it, for `GET /schemas/{id}`. */
  readonly raw: string;
  /** The schema in draft 7, with the documents it refers to inside it. */
  readonly json: JsonObject;
  /** Checks `{ traits }`. */
  readonly validate: (document: Json) => readonly Problem[];
  /** What follows from traits that fit. */
  readonly derive: (traits: JsonObject) => Derivation;
}

export interface SchemaSource {
  readonly id: string;
  readonly url: string;
  readonly isSelectable: boolean;
}

export interface SchemaFailure {
  readonly id: string;
  readonly reason: string;
  /** Each with its place in the document; none where the document could not be read. */
  readonly faults: readonly SchemaFault[];
}

export interface SchemaRegistry {
  readonly defaultId: string;
  /** In the order of the configuration. */
  readonly sources: readonly SchemaSource[];
  /** Undefined where no schema has this id; throws an ApiError (500 or 502) where it could not be loaded. */
  readonly find: (id: string) => IdentitySchema | undefined;
  /** The same; an absent or unknown id means the default schema. */
  readonly get: (id?: string) => IdentitySchema;
  /** The same as `find`, after another try where loading has failed before. */
  readonly load: (id: string) => Promise<IdentitySchema | undefined>;
  /** What is wrong with schemas that could not be loaded, for the log and for `config lint`. */
  readonly failures: () => readonly SchemaFailure[];
}

export interface SchemaRegistryOptions {
  readonly schemas: readonly SchemaSource[];
  readonly defaultId: string;
  /** Text of a source: file, base64 or http(s). Throws where it cannot be read. */
  readonly readSource: (url: string) => Promise<string>;
  /** Text of a document that a schema refers to by http(s); absent: such references are refused. */
  readonly readReference?: (url: string) => Promise<string>;
  /** Names of all methods that keep credentials; other names in a schema are a fault. */
  readonly credentialTypes?: readonly string[];
  readonly clock: Clock;
}

type Slot =
  | { readonly kind: 'ready'; readonly schema: IdentitySchema }
  | { readonly kind: 'failed'; readonly error: ApiError; readonly atMs: number };

// A source that is down is asked again, but not by every request of every stranger.
const RETRY_AFTER_MS = 10_000;

/** Loads all schemas. One that fails does not stop the others: it answers with its error until a later try succeeds. */
export async function createSchemaRegistry(options: SchemaRegistryOptions): Promise<SchemaRegistry> {
  const { schemas, defaultId, clock } = options;
  const slots = new Map<string, Slot>();
  const running = new Map<string, Promise<void>>();

  const fill = async (source: SchemaSource): Promise<void> => {
    try {
      slots.set(source.id, { kind: 'ready', schema: await loadSchema(source, options) });
    } catch (error) {
      slots.set(source.id, { kind: 'failed', error: toApiError(error, source), atMs: clock.nowMs() });
    }
  };
  const retry = (source: SchemaSource): Promise<void> => {
    const slot = slots.get(source.id);
    if (slot?.kind !== 'failed' || clock.nowMs() - slot.atMs < RETRY_AFTER_MS) return Promise.resolve();
    const before = running.get(source.id);
    if (before) return before;
    const attempt = fill(source).finally(() => running.delete(source.id));
    running.set(source.id, attempt);
    return attempt;
  };
  const sourceOf = (id: string): SchemaSource | undefined => schemas.find((source) => source.id === id);
  const open = (id: string): IdentitySchema | undefined => {
    const slot = slots.get(id);
    if (slot?.kind !== 'failed') return slot?.schema;
    throw slot.error;
  };
  const find = (id: string): IdentitySchema | undefined => {
    const source = sourceOf(id);
    if (!source) return undefined;
    // `fill` keeps its own errors, so nothing can be lost here.
    void retry(source);
    return open(id);
  };

  await Promise.all(schemas.map(fill));
  return {
    defaultId,
    sources: schemas,
    find,
    get: (id = defaultId) => {
      const schema = find(id) ?? find(defaultId);
      if (!schema) throw misconfigured(`identity.schemas has no schema with the id "${defaultId}".`);
      return schema;
    },
    load: async (id) => {
      const source = sourceOf(id);
      if (!source) return undefined;
      await retry(source);
      return open(id);
    },
    failures: () =>
      [...slots].flatMap(([id, slot]) => {
        if (slot.kind !== 'failed') return [];
        const { cause, reason, message } = slot.error;
        const faults = cause instanceof SchemaError ? cause.faults : [];
        return [{ id, reason: reason ?? message, faults }];
      }),
  };
}

async function loadSchema(source: SchemaSource, options: SchemaRegistryOptions): Promise<IdentitySchema> {
  const raw = await options.readSource(source.url);
  const json = await bundleRefs(parseSchema(raw), options.readReference);
  const compiled = compileIdentitySchema(json, options.credentialTypes);
  return {
    id: source.id,
    isSelectable: source.isSelectable,
    raw,
    json: compiled.json,
    validate: compiled.validate,
    derive: (traits) => deriveFromTraits(compiled, traits),
  };
}

/** Throws SchemaError with everything that is wrong, as a schema and as one for identities. */
function compileIdentitySchema(
  json: JsonObject,
  credentialTypes: readonly string[] | undefined,
): CompiledSchema {
  const faults = identitySchemaFaults(json, credentialTypes);
  try {
    const compiled = compileSchema(JSON.stringify(json));
    if (faults.length === 0) return compiled;
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new SchemaError([...error.faults, ...faults], { cause: error });
  }
  throw new SchemaError(faults);
}

/** A remote source that does not answer is somebody else's failure (502); everything else is ours (500). */
function toApiError(error: unknown, source: SchemaSource): ApiError {
  if (error instanceof ApiError) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof SchemaError)
    return misconfigured(`The identity schema "${source.id}" cannot be used: ${why}.`, error);
  return /^https?:/.test(source.url)
    ? upstreamFailed(`The identity schema "${source.id}" could not be fetched.`, error)
    : misconfigured(`The identity schema "${source.id}" could not be read.`, error);
}
