// UAE PASS: the national identity of the United Arab Emirates, on its live or its staging service.
import type { ProviderConfig } from '../config.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';
import { below } from './urls.ts';

const baseOf = (config: ProviderConfig): string => config.issuer_url ?? 'https://id.uaepass.ae';

export const uaepass: ProviderMaker = (config, deps) => {
  const base = baseOf(config);
  return createOAuth2Provider(config, deps, {
    authorize: () => below(base, '/idshub/authorize'),
    token: () => below(base, '/idshub/token'),
    clientAuth: 'basic',
    params: () => ({ acr_values: 'urn:safelayer:tws:policies:authentication:level:low' }),
    pkce: (configured) => configured !== 'never',
    profile: async ({ service, accessToken }) => {
      const user = await service.get(below(base, '/idshub/userinfo'), bearer(accessToken));
      return {
        ...user,
        iss: base,
        sub: textOf(user, 'sub') ?? textOf(user, 'uuid'),
        name: user['fullnameEN'],
        given_name: user['firstnameEN'],
        family_name: user['lastnameEN'],
        last_name: user['lastnameEN'],
        phone_number: user['mobile'],
      };
    },
  });
};
