// Google: OpenID Connect, with a parameter instead of the scope for refresh tokens, and id_tokens of its own app kits.
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';

const OFFLINE = 'offline_access';

export const google: ProviderMaker = (config, deps) =>
  createOpenIdProvider(config, deps, {
    issuer: () => 'https://accounts.google.com',
    scope: (scope) => scope.filter((one) => one !== OFFLINE),
    params: () => (config.scope.includes(OFFLINE) ? { access_type: 'offline' } : {}),
    native: {
      issuer: 'https://accounts.google.com',
      keysUrl: 'https://www.googleapis.com/oauth2/v3/certs',
      // Its kit for iOS has no way to set one.
      isNonceOptional: () => true,
    },
  });
