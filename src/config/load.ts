// Files and environment -> one checked, frozen configuration; or every fault with its key and place.
import { createHash } from 'node:crypto';
import type { TSchema } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { Type } from '../schema/typebox.ts';
import { type BuiltHook, findDangerous, findQuestionable, findUnbuilt, findWrongHooks } from './check.ts';
import { createEnvOverlay } from './environment.ts';
import { ConfigError, type ConfigFault, type Finding, isWithin } from './fault.ts';
import { decodeFields } from './fields.ts';
import { type ConfigFile, ConfigFileError, mergeDocuments, readConfigFile } from './file.ts';
import { fillAndCheck, refuseUnknownKeywords } from './fit.ts';
import { findPlaceholders } from './placeholders.ts';
import { type Config, createConfigSchema } from './schema.ts';
import type { FactorMethod } from './second-factors.ts';
import { leaveOutTolerated } from './tolerated.ts';

export { ConfigError, type ConfigFault, faultToText } from './fault.ts';

export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly ConfigFault[];
  /** The configured label, or a digest of the whole document. */
  readonly revision: string;
  /** Read files, for watching. */
  readonly files: readonly string[];
}

export interface ConfigLoaderOptions {
  readonly methods: readonly (FactorMethod & { readonly config: TSchema })[];
  readonly hooks: readonly BuiltHook[];
  /** Names of methods that the protocol has and this program has not. */
  readonly absentMethods: readonly string[];
}

export interface ConfigSources {
  /** Paths in order; entries may hold several, separated by commas. */
  readonly files: readonly string[];
  /** Stands below the files: the configuration of an installation without any, or what a caller embeds. */
  readonly base?: JsonObject;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From the command line; below the environment. */
  readonly flags?: JsonObject;
}

export interface ConfigLoader {
  readonly schema: JsonObject;
  /** Throws ConfigError with all faults at once. */
  load(sources: ConfigSources): LoadedConfig;
  /** The same for those who look for faults: what is left to look at without the parts that have some. */
  inspect(sources: ConfigSources): Inspected;
}

export interface Inspected {
  readonly faults: readonly ConfigFault[];
  /** With stand-ins for what is missing or wrong; undefined where too little can be read. */
  readonly loaded: LoadedConfig | undefined;
  /** True for what is wrong itself, or stands in for it. */
  readonly isFaulty: (path: readonly string[]) => boolean;
  /** A finding with the file or variable that its value came from. */
  readonly toFault: (finding: Finding) => ConfigFault;
}

export { processEnv } from './process.ts';

export function createConfigLoader(options: ConfigLoaderOptions): ConfigLoader {
  const schema = composeSchema(options);
  // The TypeBox value is JSON Schema; a copy drops what only TypeBox understands.
  const json = JSON.parse(JSON.stringify(schema)) as JsonObject;
  refuseUnknownKeywords(json);
  const methodNames = [...options.methods.map(({ name }) => name), ...options.absentMethods];
  const applyEnv = createEnvOverlay(json, methodNames);
  const { hooks, absentMethods } = options;
  const built = { hooks, methods: options.methods.map(({ name }) => name), absentMethods };
  const inspect = (sources: ConfigSources): Inspected => {
    const files = readFiles(sources.files);
    const { document, findings, variableOf } = applyEnv(collect(files, sources), sources.env);
    const { document: written, findings: leftOut } = leaveOutTolerated(json, document);
    const toFault = ({ path, reason }: Finding): ConfigFault => {
      const variable = variableOf(path);
      const place = [...files].reverse().flatMap((file) => file.place(path) ?? [])[0];
      const from = variable === undefined ? place && { place } : { variable };
      return { key: path.join('.'), reason, ...from };
    };
    const first = [...findings, ...findPlaceholders(written), ...findUnbuilt(written, absentMethods)];
    const faulty = distinct([...first, ...fillAndCheck(json, structuredClone(written))]);
    const isFaulty = (path: readonly string[]): boolean => faulty.some((fault) => touches(path, fault.path));
    const readable = structuredClone(faulty.length === 0 ? written : withStandIns(written, faulty));
    if (fillAndCheck(json, readable).length > 0) {
      return { faults: faulty.map(toFault), loaded: undefined, isFaulty, toFault };
    }
    // It fits the schema, from which the type was made.
    const config = deepFreeze(decodeFields(json, readable) as Config);
    const meant = [...findWrongHooks(config, built), ...findDangerous(config)];
    const faults = distinct([...faulty, ...meant.filter(({ path }) => !isFaulty(path))]);
    const questionable = [...leftOut, ...findQuestionable(config, options.methods)].filter(
      ({ path }) => !isFaulty(path) && !faults.some((fault) => isWithin(path, fault.path)),
    );
    return {
      faults: faults.map(toFault),
      loaded: {
        config,
        warnings: questionable.map(toFault),
        revision: config.revision ?? createHash('sha256').update(JSON.stringify(written)).digest('hex'),
        files: files.map(({ file }) => file),
      },
      isFaulty,
      toFault,
    };
  };
  return {
    schema: json,
    inspect,
    load: (sources) => {
      const { faults, loaded } = inspect(sources);
      if (faults.length > 0 || !loaded) throw new ConfigError(faults);
      return loaded;
    },
  };
}

/** What is needed at least; stands where it is missing or wrong, so that the rest can be looked at in the same round. */
const STAND_INS: JsonObject = {
  dsn: 'memory',
  selfservice: { default_browser_return_url: '/' },
  identity: { schemas: [{ id: 'default', url: 'base64://' }] },
};

/** The document without its faulty parts. Lists go as a whole: the places of their other entries must not change. */
function withStandIns(document: JsonObject, faulty: readonly Finding[]): JsonObject {
  const rest = faulty.reduce((left: Json, { path }) => without(left, listOf(document, path)), document);
  const merged = mergeDocuments(STAND_INS, rest);
  return isJsonObject(merged) ? merged : STAND_INS;
}

function listOf(document: JsonObject, path: readonly string[]): readonly string[] {
  let at: Json | undefined = document;
  for (const [index, key] of path.entries()) {
    if (Array.isArray(at)) return path.slice(0, index);
    at = isJsonObject(at) ? at[key] : undefined;
  }
  return path;
}

/** The value without what stands at the path. */
function without(value: Json, [key, ...rest]: readonly string[]): Json {
  if (key === undefined || !isJsonObject(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: inner = null, ...others } = value;
  return rest.length === 0 ? others : { ...others, [key]: without(inner, rest) };
}

/** The default schema is one of the schemas, so what is wrong with them cannot be asked of it. */
function touches(path: readonly string[], faulty: readonly string[]): boolean {
  const isOfSchemas = isWithin(faulty, ['identity', 'schemas']) || faulty.join('.') === 'identity';
  return isWithin(path, faulty) || (isOfSchemas && isWithin(path, ['identity']));
}

function composeSchema({ methods, absentMethods }: ConfigLoaderOptions): TSchema {
  const built = methods.map(({ name, config, isEnabledByDefault }) => {
    const own = 'properties' in config && typeof config.properties === 'object' ? config.properties : {};
    const enabled = Type.Boolean({ default: isEnabledByDefault, description: 'Whether it can be used.' });
    // The properties of a TypeBox object are TypeBox schemas again.
    const properties = { enabled, ...(own as Record<string, TSchema>) };
    // Conditions between the method's own settings.
    const conditions = conditionsOf(config);
    return [
      name,
      Type.Object(properties, { default: {}, additionalProperties: false, ...conditions }),
    ] as const;
  });
  const known = absentMethods.map((name) => {
    const enabled = Type.Optional(Type.Boolean({ description: 'Not part of this version.' }));
    return [name, Type.Optional(Type.Object({ enabled }, { additionalProperties: true }))] as const;
  });
  const properties: Record<string, TSchema> = Object.fromEntries([...built, ...known]);
  return createConfigSchema(Type.Object(properties, { default: {}, additionalProperties: false }));
}

/** JSON schema's `if` and `then`, which hold schemas again. */
function conditionsOf(config: TSchema): { readonly if?: TSchema; readonly then?: TSchema } {
  const { if: condition, then: consequence } = config as { readonly if?: TSchema; readonly then?: TSchema };
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  return condition && consequence ? { if: condition, then: consequence } : {};
}

function readFiles(paths: readonly string[]): readonly ConfigFile[] {
  try {
    return paths.flatMap((path) => path.split(',')).map((path) => readConfigFile(path));
  } catch (error) {
    if (error instanceof ConfigFileError) throw new ConfigError([{ key: '', reason: error.message }]);
    throw error;
  }
}

function collect(files: readonly ConfigFile[], sources: ConfigSources): JsonObject {
  const documents: readonly (Json | undefined)[] = [
    sources.base,
    ...files.map(({ content }) => content),
    sources.flags,
  ];
  const merged = documents.reduce((all, next) => mergeDocuments(all, next), {});
  return isJsonObject(merged) ? merged : {};
}

/** One fault for each place: the first says most, such as a placeholder that does not look like an address either. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ path }) => {
    const key = path.join('.');
    return !seen.has(key) && seen.add(key);
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
