// SAML Jackson: a bridge that speaks OAuth2 to us and SAML to the company's identity provider.
import { createOpenIdProvider } from '../openid.ts';
import type { ProviderMaker } from '../provider.ts';
import { below } from './urls.ts';

export const jackson: ProviderMaker = (config, deps) =>
  createOpenIdProvider(config, deps, {
    fixed: () => {
      const token = config.token_url ?? '';
      const host = token.replace(/\/api\/oauth\/token$/, '');
      return {
        issuer: config.issuer_url ?? '',
        authorization_endpoint: config.auth_url ?? '',
        token_endpoint: token,
        userinfo_endpoint: below(host, '/api/oauth/userinfo'),
        jwks_uri: below(host, '/oauth/jwks'),
      };
    },
    family: 'saml',
  });
