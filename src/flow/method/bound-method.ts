// A method's definition and its configuration -> the method as flows know it.
import type { CredentialRules } from '../../identity/admin/administration.ts';
import type { Credential } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Flow } from '../flow.ts';
import type { MethodDefinition, MethodHandlers, MethodWords } from './contract.ts';
import type { CredentialKind, FactorCount } from './credential-kind.ts';
import type { MethodDeps } from './method-deps.ts';
import { openParts, sealParts } from './sealed-parts.ts';

/** A method with its configuration: the form in which flows and administrators know it. */
export interface BoundMethod extends CredentialRules {
  readonly order: number;
  readonly ranks: MethodDefinition<unknown>['ranks'];
  readonly words: MethodWords;
  readonly isEnabled: boolean;
  readonly isInRegistration: boolean;
  readonly claims: (body: JsonObject, flow: Flow) => boolean;
  readonly countFactors: (credential: Credential) => FactorCount;
  readonly isSecondFactor: boolean;
  readonly providersOf: (credential: Credential) => readonly string[];
  readonly patchFault: NonNullable<CredentialRules['patchFault']>;
  readonly follow: CredentialKind<unknown>['follow'];
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
  const sealed = credential?.sealed ?? [];
  return {
    name: definition.name,
    order: definition.order,
    ranks: definition.ranks,
    words: definition.words ?? {},
    isEnabled,
    isInRegistration: isEnabled || definition.isAlwaysInRegistration === true,
    claims: definition.claims ?? (() => false),
    // Only enabled methods count: a switched-off second factor must not demand a step nobody can take.
    countFactors: (held) => (isEnabled && credential ? credential.count(held, config) : none),
    isSecondFactor: isEnabled && (credential?.isSecondFactor(config) ?? false),
    providersOf: (held) => credential?.providers?.(held, config) ?? [],
    ownsIdentifiers: credential?.ownsIdentifiers ?? false,
    importCredential: importer(deps, credential),
    patchFault: (patched) => credential?.patchFault?.(patched, deps),
    ...(credential?.withoutPart ? { withoutPart: credential.withoutPart } : {}),
    ...(credential?.isPatchRefused ? { isPatchRefused: true } : {}),
    removal: credential?.removal ?? 'never',
    show: (stored) => openParts(stored, sealed, deps.sealer),
    keep: (shown) => sealParts(shown, sealed, deps.sealer),
    follow: credential?.follow,
    handlers: definition.create(deps, config),
  };
}

function importer<Config>(
  { hasher, sealer }: MethodDeps,
  credential: CredentialKind<Config> | undefined,
): CredentialRules['importCredential'] {
  const fromImport = credential?.fromImport;
  if (!fromImport) return undefined;
  return async (config, { identityId }) => {
    const stored = await fromImport(config, { hasher, sealer, identityId });
    return { ...stored, config: sealParts(stored.config, credential.sealed ?? [], sealer) };
  };
}
