// GitLab, on gitlab.com or an instance of one's own: userinfo by OAuth2.
import type { ProviderConfig } from '../config.ts';
import { bearer } from '../endpoint-calls.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';
import { below } from './urls.ts';

const at = (config: ProviderConfig, path: string): string =>
  below(config.issuer_url ?? 'https://gitlab.com', path);

export const gitlab: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => at(config, '/oauth/authorize'),
    token: () => at(config, '/oauth/token'),
    profile: async ({ service, accessToken }) => {
      const info = await service.get(at(config, '/oauth/userinfo'), bearer(accessToken));
      return { iss: config.issuer_url ?? 'https://gitlab.com', ...info };
    },
  });
