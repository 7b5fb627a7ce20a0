// Amazon: three scopes, and a postal code that tells where somebody lives.
import { misconfigured } from '../../../protocol/refusals.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const SCOPES: ReadonlySet<string> = new Set(['profile', 'profile:user_id', 'postal_code']);

export const amazon: ProviderMaker = (config, deps) => {
  const unknown = config.scope.filter((one) => !SCOPES.has(one));
  if (unknown.length > 0) {
    throw misconfigured(`Amazon has no scope "${unknown.join(', ')}"; it has ${[...SCOPES].join(', ')}`);
  }
  return createOAuth2Provider(config, deps, {
    authorize: () => config.auth_url ?? 'https://www.amazon.com/ap/oa',
    token: () => config.token_url ?? 'https://api.amazon.com/auth/o2/token',
    profile: async ({ service, accessToken }) => {
      const user = await service.get('https://api.amazon.com/user/profile', bearer(accessToken));
      return {
        iss: 'https://www.amazon.com',
        sub: textOf(user, 'user_id'),
        name: user['name'],
        email: user['email'],
        zoneinfo: user['postal_code'],
      };
    },
  });
};
