// DingTalk: a token endpoint that takes JSON, and a header of its own for access tokens.
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const ME = 'https://api.dingtalk.com/v1.0/contact/users/me';
const TOKEN_URL = 'https://api.dingtalk.com/v1.0/oauth2/userAccessToken';

export const dingtalk: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => 'https://login.dingtalk.com/oauth2/auth',
    token: () => TOKEN_URL,
    params: () => ({ prompt: 'consent' }),
    exchange: async ({ code, service }) => {
      const answer = await service.json(TOKEN_URL, {
        clientId: config.client_id,
        clientSecret: config.client_secret ?? '',
        code,
        grantType: 'authorization_code',
      });
      return {
        ...answer,
        access_token: answer['accessToken'],
        refresh_token: answer['refreshToken'],
      };
    },
    profile: async ({ service, accessToken }) => {
      const user = await service.get(ME, { 'x-acs-dingtalk-access-token': accessToken });
      return {
        iss: ME,
        sub: textOf(user, 'openId'),
        nickname: user['nick'],
        name: user['nick'],
        picture: user['avatarUrl'],
        email: user['email'],
        phone_number: phoneOf(textOf(user, 'stateCode'), textOf(user, 'mobile')),
      };
    },
  });

const phoneOf = (country: string | undefined, mobile: string | undefined): string | undefined =>
  mobile && country && !mobile.startsWith('+') ? `+${country}${mobile}` : mobile;
