// The configured providers, made from their settings, each with its mapper.
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { badRequest, misconfigured, notFound } from '../../protocol/refusals.ts';
import type { OidcConfig } from './config.ts';
import { createMapper, type Mapper } from './mapper.ts';
import type { Provider } from './provider.ts';
import { PROVIDERS } from './providers/registry.ts';

export interface Entry {
  readonly provider: Provider;
  readonly mapper: Mapper;
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
}

/** What every step of the method is made from. */
export interface ProviderBook {
  readonly deps: MethodDeps;
  readonly entries: readonly Entry[];
  find(id: string): Entry | undefined;
  /** Throws 404 where there is no such provider. */
  get(id: string): Entry;
  readonly callbackPaths: readonly string[];
}

const CALLBACKS = ['/self-service/methods/oidc/callback', '/self-service/methods/oidc/callback/{provider}'];
const SAML_CALLBACKS = CALLBACKS.map((path) => path.replace('/oidc/', '/saml/'));

/** Throws where a provider cannot be made from its settings, so that the server says so at its start. */
export function createProviderBook(
  deps: MethodDeps,
  { config, enabled }: OidcConfig & { readonly enabled?: boolean },
): ProviderBook {
  const base = config.base_redirect_uri ?? deps.publicUrl;
  const offered = enabled === false ? [] : config.providers;
  const entries = offered.map((settings): Entry => {
    const isMapped = Object.hasOwn(deps.claimsMappers, settings.id);
    if (!settings.mapper_url && !isMapped) {
      throw misconfigured(`The provider "${settings.id}" has no mapper_url.`);
    }
    const provider = PROVIDERS[settings.provider](settings, deps);
    const redirectUri = `${base.replace(/\/+$/, '')}${provider.callbackPath}`;
    return { provider, mapper: createMapper(settings, deps), redirectUri };
  });
  const byId = new Map(entries.map((entry) => [entry.provider.config.id, entry]));
  if (byId.size < entries.length) throw misconfigured('Two providers of social sign-in have the same id.');
  const isBridged = entries.some(({ provider }) => provider.callbackPath.includes('/saml/'));
  return {
    deps,
    entries,
    find: (id) => byId.get(id),
    get: (id) => {
      const entry = byId.get(id);
      if (!entry) throw notFound('Unknown provider.');
      return entry;
    },
    callbackPaths: isBridged ? [...CALLBACKS, ...SAML_CALLBACKS] : CALLBACKS,
  };
}

/** A provider that was taken out of the configuration while somebody was away. */
export function entryAfterReturn(book: ProviderBook, id: string): Entry {
  const entry = book.find(id);
  if (!entry) throw badRequest('This provider is not offered any more. Please start again.');
  return entry;
}
