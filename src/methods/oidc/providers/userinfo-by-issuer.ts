// Auth0 and Salesforce: OAuth2 endpoints at fixed paths below the configured issuer.

import { bearer } from '../endpoint-calls.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';
import { below } from './urls.ts';

interface Paths {
  readonly authorize: string;
  readonly token: string;
  readonly userinfo: string;
}

const byIssuer =
  (paths: Paths): ProviderMaker =>
  (config, deps) => {
    const issuer = config.issuer_url ?? '';
    return createOAuth2Provider(config, deps, {
      authorize: () => below(issuer, paths.authorize),
      token: () => below(issuer, paths.token),
      scope: (scope) => (scope.includes('openid') ? scope : [...scope, 'openid']),
      // Both write `updated_at` as text, against the standard; reading claims takes that.
      profile: async ({ service, accessToken }) => ({
        iss: issuer,
        ...(await service.get(below(issuer, paths.userinfo), bearer(accessToken))),
      }),
    });
  };

export const auth0 = byIssuer({ authorize: '/authorize', token: '/oauth/token', userinfo: '/userinfo' });
export const salesforce = byIssuer({
  authorize: '/services/oauth2/authorize',
  token: '/services/oauth2/token',
  userinfo: '/services/oauth2/userinfo',
});
