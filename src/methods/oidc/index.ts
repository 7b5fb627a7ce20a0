// Signing in with an account at another provider: OpenID Connect and OAuth2.
import { defineMethod } from '../../flow/method/contract.ts';
import { type OidcConfig, oidcConfig } from './config.ts';
import { NAME, oidcCredential } from './credential.ts';
import { oidcLogin, returnToLogin } from './login.ts';
import { markOf } from './marks.ts';
import { allMessages } from './messages.ts';
import { createProviderBook, type ProviderBook } from './provider-book.ts';
import { oidcRegistration, returnToRegistration } from './registration.ts';
import { oidcSettings, returnToSettings } from './settings.ts';
import { trialRoutes } from './trial.ts';

export const oidc = defineMethod<OidcConfig>({
  name: NAME,
  order: 30,
  ranks: { login: { group: 0 }, registration: { group: 0 }, settings: { group: 30 } },
  config: oidcConfig,
  isEnabledByDefault: false,
  credential: oidcCredential,
  canProveBoth: ({ config }) =>
    (config?.providers ?? []).some(
      ({ aal2_acr_values, aal2_amr_values }) => aal2_acr_values.length + aal2_amr_values.length > 0,
    ),
  messages: allMessages,
  words: {
    section: {
      title: 'Linked accounts',
      about: 'Sign in with an account you already have.',
    },
  },
  claims: ({ method, provider, link, unlink }, { kind }) => {
    const isOwn = !method || String(method).toLowerCase() === NAME;
    return isOwn && Boolean(kind === 'settings' ? link || unlink : provider);
  },
  create: (deps, config) => {
    const book = createProviderBook(deps, config);
    return {
      login: oidcLogin(book),
      registration: oidcRegistration(book),
      settings: oidcSettings(book),
      callback: {
        paths: book.callbackPaths,
        login: returnToLogin(book),
        registration: returnToRegistration(book),
        settings: returnToSettings(book),
      },
      routes: trialRoutes(book),
      marks: marksOf(book),
    };
  },
});

const marksOf = ({ entries }: ProviderBook): Readonly<Record<string, string>> =>
  Object.fromEntries(entries.map(({ provider: { config } }) => [config.id, markOf(config) ?? '']));
