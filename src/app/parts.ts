// Everything that people add, in one place: the methods and hooks of the registries and those of a program that embeds Bia.
import { type ConfigLoader, createConfigLoader } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { HookDefinition, WebHookBody } from '../flow/hook/contract.ts';
import { type BoundMethod, bindMethod } from '../flow/method/bound-method.ts';
import type { ClaimsMapper } from '../flow/method/claims-mapper.ts';
import type { MethodDefinition } from '../flow/method/contract.ts';
import type { MethodDeps } from '../flow/method/method-deps.ts';
import * as hookRegistry from '../hooks/registry.ts';
import type { Sealer } from '../lib/cipher.ts';
import { ABSENT_METHODS, OTHER_CREDENTIAL_TYPES } from '../methods/absent.ts';
import * as methodRegistry from '../methods/registry.ts';

/** Methods and hooks of a program that embeds Bia; they stand beside those of the registries. */
export interface Additions {
  readonly methods?: readonly MethodDefinition<never>[];
  readonly hooks?: readonly HookDefinition<never>[];
  /** Functions that turn a provider's claims into an identity, by provider id; they take the place of `mapper_url`. */
  readonly claimsMappers?: Readonly<Record<string, ClaimsMapper>>;
  /** Functions that make the bodies of web hooks, by the id of the hook; they take the place of `body`. */
  readonly hookBodies?: Readonly<Record<string, WebHookBody>>;
}

/** Everything that people add, in one list each. */
export interface Parts {
  readonly methods: readonly MethodDefinition<unknown>[];
  readonly hooks: readonly HookDefinition<unknown>[];
  /** Names of methods that the protocol has and this program has not. */
  readonly absentMethods: readonly string[];
  readonly claimsMappers: Readonly<Record<string, ClaimsMapper>>;
  readonly hookBodies: Readonly<Record<string, WebHookBody>>;
  /** Types of credentials that administrators may ask for. */
  readonly credentialTypes: readonly string[];
}

export function partsWith({
  methods = [],
  hooks = [],
  claimsMappers = {},
  hookBodies = {},
}: Additions = {}): Parts {
  // Each definition fits the configuration that its own schema describes; the lists only lose sight of which.
  const all = [...Object.values(methodRegistry), ...methods] as unknown as Parts['methods'];
  return {
    methods: all,
    credentialTypes: [
      ...OTHER_CREDENTIAL_TYPES,
      ...all.filter(({ credential }) => credential).map(({ name }) => name),
    ],
    absentMethods: ABSENT_METHODS.filter((name) => !all.some((method) => method.name === name)),
    claimsMappers,
    hookBodies,
    hooks: [...Object.values(hookRegistry), ...hooks] as unknown as Parts['hooks'],
  };
}

export function createLoader(parts: Parts = partsWith()): ConfigLoader {
  return createConfigLoader(parts);
}

/** Each method with its settings, in their order. */
export function bindMethods(
  config: Config,
  { methods }: Parts,
  { sealerFor, ...deps }: Omit<MethodDeps, 'sealer'> & { readonly sealerFor: (method: string) => Sealer },
): readonly BoundMethod[] {
  return [...methods]
    .sort((a, b) => a.order - b.order)
    .map((definition) => {
      const own = config.selfservice.methods[definition.name] ?? { enabled: definition.isEnabledByDefault };
      return bindMethod(definition, { ...deps, sealer: sealerFor(definition.name) }, own);
    });
}
