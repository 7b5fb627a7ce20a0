// Files and environment -> one checked, frozen configuration; or every fault with its key and place.
import { createHash } from 'node:crypto';
import type { TSchema } from 'typebox';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { Type } from '../schema/typebox.ts';
import {
  type BuiltHook,
  type Finding,
  findDangerous,
  findQuestionable,
  findUnbuilt,
  findWrongHooks,
} from './check.ts';
import { type ApplyEnv, createEnvOverlay } from './environment.ts';
import { decodeFields } from './fields.ts';
import {
  type ConfigFile,
  ConfigFileError,
  type ConfigPlace,
  mergeDocuments,
  readConfigFile,
} from './file.ts';
import { fillAndCheck, refuseUnknownKeywords } from './fit.ts';
import { type Config, createConfigSchema } from './schema.ts';

export interface ConfigFault {
  /** Dotted path of the key; empty for a file as a whole. */
  readonly key: string;
  readonly reason: string;
  readonly place?: ConfigPlace;
}

/** Everything that is wrong with a configuration, all at once. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(faultToText).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

export function faultToText({ key, reason, place }: ConfigFault): string {
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : '';
  return `${where}${key === '' ? '' : `${key}: `}${reason}`;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly ConfigFault[];
  /** The configured label, or a digest of the whole document. */
  readonly revision: string;
  /** Read files, for watching. */
  readonly files: readonly string[];
}

export interface ConfigLoaderOptions {
  readonly methods: readonly {
    readonly name: string;
    readonly config: TSchema;
    readonly isEnabledByDefault: boolean;
  }[];
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
  /** Throws ConfigError. */
  load(sources: ConfigSources): LoadedConfig;
}

export { processEnv } from './process.ts';

export function createConfigLoader(options: ConfigLoaderOptions): ConfigLoader {
  const schema = composeSchema(options);
  // The TypeBox value is JSON Schema; a copy drops what only TypeBox understands.
  const json = JSON.parse(JSON.stringify(schema)) as JsonObject;
  refuseUnknownKeywords(json);
  const methodNames = [...options.methods.map(({ name }) => name), ...options.absentMethods];
  const applyEnv = createEnvOverlay(json, methodNames);
  return {
    schema: json,
    load: (sources) => {
      const files = readFiles(sources.files);
      const written = collect(files, sources, applyEnv);
      const place = (path: readonly string[]): ConfigPlace | undefined =>
        [...files].reverse().flatMap((file) => file.place(path) ?? [])[0];
      const toFault = ({ path, reason }: Finding): ConfigFault => {
        const found = place(path);
        return { key: path.join('.'), reason, ...(found ? { place: found } : {}) };
      };
      const document = structuredClone(written);
      const faults: Finding[] = [
        ...findUnbuilt(written, options.absentMethods),
        ...fillAndCheck(json, document),
      ];
      if (faults.length > 0) throw new ConfigError(distinct(faults).map(toFault));
      // It fits the schema, from which the type was made.
      const config = deepFreeze(decodeFields(json, document) as Config);
      const built = {
        hooks: options.hooks,
        methods: options.methods.map(({ name }) => name),
        absentMethods: options.absentMethods,
      };
      faults.push(...findWrongHooks(config, built), ...findDangerous(config));
      if (faults.length > 0) throw new ConfigError(distinct(faults).map(toFault));
      return {
        config,
        warnings: findQuestionable(config).map(toFault),
        revision: config.revision ?? createHash('sha256').update(JSON.stringify(written)).digest('hex'),
        files: files.map(({ file }) => file),
      };
    },
  };
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

function collect(files: readonly ConfigFile[], sources: ConfigSources, applyEnv: ApplyEnv): JsonObject {
  const documents: readonly (Json | undefined)[] = [
    sources.base,
    ...files.map(({ content }) => content),
    sources.flags,
  ];
  const merged = documents.reduce((all, next) => mergeDocuments(all, next), {});
  return applyEnv(isJsonObject(merged) ? merged : {}, sources.env);
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.path.join('.')}`, finding])).values()];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
