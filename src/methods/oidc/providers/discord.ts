// Discord: a profile endpoint; every scope must have been granted.

import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const API = 'https://discord.com/api';

export const discord: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    authorize: () => `${API}/oauth2/authorize`,
    token: () => `${API}/oauth2/token`,
    needsAllScopes: true,
    // `none` skips the consent screen for those who gave their consent before.
    params: ({ isRefresh }) => ({ prompt: isRefresh ? 'consent' : 'none' }),
    profile: async ({ service, accessToken }) => {
      const user = await service.get(`${API}/users/@me`, bearer(accessToken));
      const id = textOf(user, 'id');
      const username = textOf(user, 'username') ?? '';
      const discriminator = textOf(user, 'discriminator');
      const avatar = textOf(user, 'avatar');
      return {
        iss: `${API}/oauth2/`,
        sub: id,
        name: discriminator ? `${username}#${discriminator}` : username,
        nickname: username,
        preferred_username: username,
        ...(avatar ? { picture: `https://cdn.discordapp.com/avatars/${id}/${avatar}.png` } : {}),
        email: user['email'],
        email_verified: user['verified'],
        locale: user['locale'],
      };
    },
  });
