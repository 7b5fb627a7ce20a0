// Lark (Feishu): a profile under the id that the person has for this app.

import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const PASSPORT = 'https://passport.feishu.cn/suite/passport/oauth';

export const lark: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => config.auth_url ?? `${PASSPORT}/authorize`,
    token: () => config.token_url ?? `${PASSPORT}/token`,
    profile: async ({ service, accessToken }) => {
      const user = await service.get(`${PASSPORT}/userinfo`, bearer(accessToken));
      return {
        iss: `${PASSPORT}/userinfo`,
        sub: textOf(user, 'open_id'),
        name: user['name'],
        nickname: user['name'],
        picture: user['picture'] ?? user['avatar_url'],
        email: user['email'],
        phone_number: user['mobile'],
      };
    },
  });
