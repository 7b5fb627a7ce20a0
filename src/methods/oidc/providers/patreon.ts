// Patreon: JSON:API, whose members stand in attributes.
import { isJsonObject } from '../../../lib/json.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const IDENTITY = 'https://www.patreon.com/api/oauth2/v2/identity';
const FIELDS = 'first_name,last_name,url,full_name,email,image_url';

export const patreon: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://www.patreon.com/oauth2/authorize',
    token: () => 'https://www.patreon.com/api/oauth2/token',
    params: ({ isRefresh }) => ({ prompt: isRefresh ? 'consent' : 'none' }),
    profile: async ({ service, accessToken }) => {
      const url = `${IDENTITY}?${new URLSearchParams({ 'fields[user]': FIELDS })}`;
      const { data } = await service.get(url, bearer(accessToken));
      const person = isJsonObject(data) ? data : undefined;
      const about = isJsonObject(person?.['attributes']) ? person['attributes'] : undefined;
      return {
        iss: 'https://www.patreon.com/',
        sub: textOf(person, 'id'),
        name: textOf(about, 'full_name'),
        given_name: textOf(about, 'first_name'),
        family_name: textOf(about, 'last_name'),
        last_name: textOf(about, 'last_name'),
        picture: textOf(about, 'image_url'),
        profile: textOf(about, 'url'),
        email: textOf(about, 'email'),
      };
    },
  });
