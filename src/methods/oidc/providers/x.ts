// X: OAuth 1.0a, whose requests are signed with the secret of the app.

import { toClaims } from '../claims.ts';
import { createService } from '../endpoint-calls.ts';
import { claimsFault, textOf, tokenFault } from '../fault.ts';
import { authorizationHeader, type OAuth1Client } from '../oauth1.ts';
import type { ProviderMaker } from '../provider.ts';
import { callbackPath } from '../provider.ts';

const API = 'https://api.twitter.com';
const VERIFY = `${API}/1.1/account/verify_credentials.json`;

export const x: ProviderMaker = (config, deps) => {
  const service = createService(deps.outbound);
  const client: OAuth1Client = {
    key: config.client_id,
    secret: config.client_secret ?? '',
    clock: deps.clock,
  };

  return {
    config,
    label: config.label ?? config.id,
    callbackPath: callbackPath(config),
    usesPkce: async () => false,
    authorizationUrl: async ({ redirectUri, state }) => {
      const callback = new URL(redirectUri);
      // What OAuth2 has as a parameter of the request travels in the address of the callback.
      callback.searchParams.set('state', state);
      callback.searchParams.set('code', 'unused');
      const url = `${API}/oauth/request_token`;
      const authorization = authorizationHeader(client, {
        method: 'POST',
        url,
        params: { oauth_callback: callback.href },
      });
      const token = textOf(await service.form(url, {}, { authorization }), 'oauth_token');
      if (!token) throw tokenFault('X sent no request token.');
      return `${API}/oauth/authorize?${new URLSearchParams({ oauth_token: token })}`;
    },
    arrive: async ({ query }) => {
      const [token, verifier] = [query.get('oauth_token') ?? '', query.get('oauth_verifier') ?? ''];
      const url = `${API}/oauth/access_token`;
      const authorization = authorizationHeader(client, {
        method: 'POST',
        url,
        params: { oauth_token: token, oauth_verifier: verifier },
      });
      const answer = await service.form(url, {}, { authorization });
      const [accessToken, secret] = [textOf(answer, 'oauth_token'), textOf(answer, 'oauth_token_secret')];
      if (!accessToken || !secret) throw tokenFault('X sent no access token.');
      const wanted = config.scope.includes('email') ? { include_email: 'true' } : {};
      const header = authorizationHeader(client, {
        method: 'GET',
        url: VERIFY,
        params: { oauth_token: accessToken },
        query: wanted,
        tokenSecret: secret,
      });
      const user = await service.get(`${VERIFY}?${new URLSearchParams(wanted)}`, { authorization: header });
      const raw = {
        iss: `${API}/oauth/access_token`,
        sub: textOf(user, 'id_str'),
        name: user['name'],
        nickname: user['screen_name'],
        preferred_username: user['screen_name'],
        picture: user['profile_image_url_https'],
        website: user['url'],
        email: user['email'],
      };
      const claims = toClaims(raw);
      if (!claims) throw claimsFault('X names no subject.');
      return { claims, tokens: { accessToken, refreshToken: secret }, userinfo: user };
    },
  };
};
