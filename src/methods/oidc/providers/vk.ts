// VK: the address comes with the access token, the rest from a method of its API.
import { isJsonObject } from '../../../lib/json.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const USERS = 'https://api.vk.com/method/users.get';
const VERSION = '5.131';
const GENDERS = ['', 'female', 'male'];

export const vk: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://oauth.vk.com/authorize',
    token: () => 'https://oauth.vk.com/access_token',
    profile: async ({ service, accessToken, answer }) => {
      const fields = { fields: 'photo_200,nickname,bdate,sex', access_token: accessToken, v: VERSION };
      // By POST, since addresses are written to logs.
      const { response } = await service.form(USERS, fields);
      const [first] = Array.isArray(response) ? response : [];
      const user = isJsonObject(first) ? first : {};
      const [given, family] = [textOf(user, 'first_name'), textOf(user, 'last_name')];
      return {
        iss: USERS,
        sub: textOf(user, 'id'),
        name: [given, family].filter((one) => one !== undefined).join(' '),
        given_name: given,
        family_name: family,
        last_name: family,
        nickname: user['nickname'],
        picture: user['photo_200'],
        email: answer['email'],
        gender: GENDERS[Number(user['sex'] ?? 0)],
        birthdate: user['bdate'],
      };
    },
  });
