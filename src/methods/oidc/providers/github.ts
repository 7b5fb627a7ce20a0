// GitHub, as OAuth app and as GitHub app: a profile, and a list of e-mail addresses.
import type { JsonObject } from '../../../lib/json.ts';
import { bearer } from '../endpoint-calls.ts';
import { textOf } from '../fault.ts';
import { createOAuth2Provider, type ProfileContext } from '../oauth2.ts';
import type { ProviderMaker } from '../provider.ts';

const TOKEN_URL = 'https://github.com/login/oauth/access_token';
const endpoints = { authorize: () => 'https://github.com/login/oauth/authorize', token: () => TOKEN_URL };

export const github: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    ...endpoints,
    needsAllScopes: true,
    profile: async (of) => {
      const user = await profile(of);
      if (!of.granted.includes('user:email')) return user;
      const email = (await emails(of)).find((one) => one['primary'] === true);
      return { ...user, ...addressOf(email) };
    },
  });

/** Its rights stand with the app, not in scopes. */
export const githubApp: ProviderMaker = (config, deps) =>
  createOAuth2Provider(config, deps, {
    ...endpoints,
    profile: async (of) => {
      const user = await profile(of);
      const all = await emails(of);
      return { ...user, ...addressOf(all.find((one) => one['primary'] === true) ?? all.at(-1)) };
    },
  });

async function profile({ service, accessToken }: ProfileContext): Promise<JsonObject> {
  const user = await service.get('https://api.github.com/user', bearer(accessToken));
  return {
    iss: TOKEN_URL,
    sub: textOf(user, 'id'),
    name: user['name'],
    nickname: user['login'],
    preferred_username: user['login'],
    website: user['blog'],
    picture: user['avatar_url'],
    profile: user['html_url'],
  };
}

const emails = ({ service, accessToken }: ProfileContext): Promise<readonly JsonObject[]> =>
  service.list('https://api.github.com/user/emails', bearer(accessToken));

const addressOf = (email: JsonObject | undefined): JsonObject =>
  email ? { email: email['email'], email_verified: email['verified'] } : {};
