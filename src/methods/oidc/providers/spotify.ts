// Spotify: a profile whose address nobody has verified.
import { isJsonObject } from '../../../lib/json.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const TOKEN_URL = 'https://accounts.spotify.com/api/token';

export const spotify: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://accounts.spotify.com/authorize',
    token: () => TOKEN_URL,
    needsAllScopes: true,
    profile: async ({ service, accessToken }) => {
      const user = await service.get('https://api.spotify.com/v1/me', bearer(accessToken));
      const [image] = Array.isArray(user['images']) ? user['images'] : [];
      const links = isJsonObject(user['external_urls']) ? user['external_urls'] : undefined;
      return {
        iss: TOKEN_URL,
        sub: textOf(user, 'id'),
        name: user['display_name'],
        nickname: user['display_name'],
        preferred_username: user['display_name'],
        picture: isJsonObject(image) ? image['url'] : undefined,
        profile: textOf(links, 'spotify'),
        email: user['email'],
        birthdate: user['birthdate'],
      };
    },
  });
