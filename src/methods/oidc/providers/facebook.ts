// Facebook: the Graph API, which wants proof that the caller knows the secret of the app.
import { createHmac } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../../lib/json.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const ME = 'https://graph.facebook.com/me';
const FIELDS = 'id,name,first_name,last_name,middle_name,email,picture,birthday,gender';

export const facebook: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => config.auth_url ?? 'https://facebook.com/dialog/oauth/',
    token: () => config.token_url ?? 'https://graph.facebook.com/oauth/access_token',
    scope: (scope) => scope.filter((one) => one !== 'openid'),
    profile: async ({ service, accessToken }) => {
      const url = new URL(ME);
      url.searchParams.set('fields', FIELDS);
      // A stolen access token alone is of no use then.
      const proof = createHmac('sha256', config.client_secret ?? '')
        .update(accessToken)
        .digest('hex');
      url.searchParams.set('appsecret_proof', proof);
      const user = await service.get(url.href, bearer(accessToken));
      const email = textOf(user, 'email');
      return {
        iss: ME,
        sub: textOf(user, 'id'),
        name: user['name'],
        given_name: user['first_name'],
        family_name: user['last_name'],
        last_name: user['last_name'],
        middle_name: user['middle_name'],
        nickname: user['name'],
        preferred_username: user['name'],
        picture: pictureOf(user),
        gender: user['gender'],
        birthdate: user['birthday'],
        // Facebook gives out confirmed addresses only.
        ...(email ? { email, email_verified: true } : {}),
      };
    },
  });

function pictureOf(user: JsonObject): string | undefined {
  const picture = isJsonObject(user['picture']) ? user['picture']['data'] : undefined;
  return isJsonObject(picture) ? textOf(picture, 'url') : undefined;
}
