// A method's definition and its configuration -> the method as flows know it.
import type { CredentialRules } from '../../identity/admin/administration.ts';
import type { Credential } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Flow } from '../flow.ts';
import type { CredentialKind, FactorCount, MethodDefinition, MethodHandlers } from './contract.ts';
import type { MethodDeps } from './method-deps.ts';

/** A method with its configuration: the form in which flows know it. */
export interface BoundMethod {
  readonly name: string;
  readonly order: number;
  readonly ranks: MethodDefinition<unknown>['ranks'];
  readonly isEnabled: boolean;
  readonly isInRegistration: boolean;
  readonly checksCsrf: boolean;
  readonly claims: (body: JsonObject, flow: Flow) => boolean;
  readonly countFactors: (credential: Credential) => FactorCount;
  readonly isSecondFactor: boolean;
  readonly ownsIdentifiers: boolean;
  readonly importCredential: CredentialRules['importCredential'];
  readonly patchFault: NonNullable<CredentialRules['patchFault']>;
  readonly withoutPart?: NonNullable<CredentialRules['withoutPart']>;
  readonly removal: CredentialKind<unknown>['removal'];
  readonly handlers: MethodHandlers;
}

/** Binds a definition to its configuration. */
export function bindMethod<Config>(
  definition: MethodDefinition<Config>,
  deps: MethodDeps,
  config: Config & { readonly enabled: boolean },
): BoundMethod {
  const isEnabled = definition.isEnabledBy ? definition.isEnabledBy(deps, config) : config.enabled;
  const { credential } = definition;
  const none: FactorCount = { first: 0, second: 0 };
  return {
    name: definition.name,
    order: definition.order,
    ranks: definition.ranks,
    isEnabled,
    isInRegistration: isEnabled || definition.isAlwaysInRegistration === true,
    checksCsrf: definition.checksCsrf ?? true,
    claims: definition.claims ?? (() => false),
    // Only enabled methods count: a switched-off second factor must not demand a step nobody can take.
    countFactors: (held) => (isEnabled && credential ? credential.count(held, config) : none),
    isSecondFactor: isEnabled && (credential?.isSecondFactor(config) ?? false),
    ownsIdentifiers: credential?.ownsIdentifiers ?? false,
    importCredential: importer(deps, credential),
    patchFault: (patched) => credential?.patchFault?.(patched, deps),
    ...(credential?.withoutPart ? { withoutPart: credential.withoutPart } : {}),
    removal: credential?.removal ?? 'never',
    handlers: definition.create(deps, config),
  };
}

function importer<Config>(
  { hasher }: MethodDeps,
  credential: CredentialKind<Config> | undefined,
): CredentialRules['importCredential'] {
  const fromImport = credential?.fromImport;
  return fromImport && ((config, { identityId }) => fromImport(config, { hasher, identityId }));
}
