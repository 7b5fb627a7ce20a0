// Yandex: a profile with an avatar by number.
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const INFO = 'https://login.yandex.ru/info';

export const yandex: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://oauth.yandex.com/authorize',
    token: () => 'https://oauth.yandex.com/token',
    profile: async ({ service, accessToken }) => {
      const user = await service.get(`${INFO}?format=json`, { authorization: `OAuth ${accessToken}` });
      const avatar = user['is_avatar_empty'] === false ? textOf(user, 'default_avatar_id') : undefined;
      return {
        iss: INFO,
        sub: textOf(user, 'id'),
        given_name: user['first_name'],
        family_name: user['last_name'],
        last_name: user['last_name'],
        name: user['display_name'] ?? user['real_name'],
        nickname: user['login'],
        preferred_username: user['login'],
        picture: avatar ? `https://avatars.yandex.net/get-yapic/${avatar}/islands-200` : undefined,
        email: user['default_email'],
        gender: user['sex'],
        birthdate: user['birthday'],
      };
    },
  });
