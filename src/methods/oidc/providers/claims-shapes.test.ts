// What each provider answers -> the claims that mappers see. The shapes are those of the providers' documentation.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createTestClock, systemClock } from '../../../lib/clock.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { Outbound, OutboundRequest } from '../../../outbound/outbound.ts';
import type { ProviderConfig, ProviderType } from '../config.ts';
import { type CallbackStep, ProviderFault } from '../fault.ts';
import type { Provider } from '../provider.ts';
import { PROVIDERS } from './registry.ts';

const clock = createTestClock(Math.floor(systemClock.nowMs() / 1000) * 1000);
const nowS = clock.nowMs() / 1000;
const keys = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
const appleKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

type Answer = JsonObject | readonly JsonObject[] | string;
interface Sent extends OutboundRequest {
  readonly url: string;
}

/** A world that answers by address without query, and remembers what it was asked. */
function world(answers: Readonly<Record<string, Answer>>): {
  readonly outbound: Outbound;
  readonly sent: Sent[];
} {
  const sent: Sent[] = [];
  return {
    sent,
    outbound: {
      request: async (url, request = {}) => {
        sent.push({ url, ...request });
        const answer = answers[url.split('?')[0] ?? ''];
        const headers = new Headers({
          'content-type':
            typeof answer === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
        });
        if (answer === undefined) return { status: 404, headers, text: '{}' };
        return { status: 200, headers, text: typeof answer === 'string' ? answer : JSON.stringify(answer) };
      },
    },
  };
}

const configOf = (provider: ProviderType, over: Partial<ProviderConfig>): ProviderConfig => ({
  id: 'p',
  provider,
  client_id: 'client',
  client_secret: 'secret',
  scope: [],
  claims_source: 'id_token',
  pkce: 'never',
  additional_id_token_audiences: [],
  aal2_acr_values: [],
  aal2_amr_values: [],
  update_identity_on_login: 'never',
  subject_source: 'userinfo',
  ...over,
});

const idToken = (claims: JsonObject): Promise<string> =>
  new SignJWT({ aud: 'client', iat: nowS, exp: nowS + 600, nonce: 'n-1', ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .sign(keys.privateKey);

const granted = (more: JsonObject = {}): JsonObject => ({
  access_token: 'at',
  token_type: 'bearer',
  ...more,
});

/** The documents of an OpenID provider. */
const openId = async (issuer: string, claims: JsonObject, more: Readonly<Record<string, Answer>> = {}) => ({
  [`${issuer}/.well-known/openid-configuration`]: {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    id_token_signing_alg_values_supported: ['RS256'],
  },
  [`${issuer}/jwks`]: { keys: [jwk] },
  [`${issuer}/token`]: granted({ id_token: await idToken({ iss: issuer, ...claims }) }),
  ...more,
});

const query = (more: Record<string, string> = {}) => new URLSearchParams({ code: 'c', state: 's', ...more });
const arrive = (provider: Provider, callback = query()) =>
  provider.arrive({ redirectUri: 'https://id.example/callback', state: 's', nonce: 'n-1', query: callback });
const depart = (provider: Provider, isRefresh = false) =>
  provider.authorizationUrl({
    redirectUri: 'https://id.example/callback',
    state: 's',
    nonce: 'n-1',
    isRefresh,
    upstream: {},
  });

interface Shape {
  readonly provider: ProviderType;
  readonly title?: string;
  readonly config?: Partial<ProviderConfig>;
  readonly answers: Readonly<Record<string, Answer>>;
  readonly callback?: Record<string, string>;
  /** Without `raw_claims`. */
  readonly claims: JsonObject;
  /** Parameters of the authorization request that are the provider's own. */
  readonly params?: Readonly<Record<string, string>>;
}

const MICROSOFT = 'https://login.microsoftonline.com';
const TENANT = '11111111-2222-4333-8444-555555555555';
const microsoftAnswers = async (claims: JsonObject, tenant = 'common') => ({
  [`${MICROSOFT}/${tenant}/v2.0/.well-known/openid-configuration`]: {
    issuer: `${MICROSOFT}/${tenant === 'common' ? '{tenantid}' : tenant}/v2.0`,
    authorization_endpoint: `${MICROSOFT}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${MICROSOFT}/${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${MICROSOFT}/${tenant}/discovery/v2.0/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  },
  [`${MICROSOFT}/${tenant}/discovery/v2.0/keys`]: { keys: [jwk] },
  [`${MICROSOFT}/${tenant}/oauth2/v2.0/token`]: granted({
    id_token: await idToken({ iss: `${MICROSOFT}/${TENANT}/v2.0`, tid: TENANT, ...claims }),
  }),
  'https://graph.microsoft.com/v1.0/me': { id: 'graph-id' },
});
const githubUser = {
  'https://api.github.com/user': {
    id: 583231,
    login: 'octocat',
    name: 'The Octocat',
    blog: 'https://github.blog',
    avatar_url: 'https://avatars.example/1',
    html_url: 'https://github.com/octocat',
  },
  'https://api.github.com/user/emails': [
    { email: 'old@example.com', verified: true, primary: false },
    { email: 'octo@example.com', verified: true, primary: true },
  ],
};
const octocat = {
  iss: 'https://github.com/login/oauth/access_token',
  sub: '583231',
  name: 'The Octocat',
  nickname: 'octocat',
  preferred_username: 'octocat',
  website: 'https://github.blog',
  picture: 'https://avatars.example/1',
  profile: 'https://github.com/octocat',
};
const uaepassUser = {
  sub: 'UAEPASS/1',
  uuid: 'u-1',
  fullnameEN: 'Ada L',
  firstnameEN: 'Ada',
  lastnameEN: 'L',
  email: 'a@x.example',
  mobile: '9715000',
};

const SHAPES: readonly Shape[] = [
  {
    provider: 'generic',
    config: { issuer_url: 'https://op.example', requested_claims: { id_token: { email: null } } },
    answers: await openId('https://op.example', {
      sub: 'u1',
      email: 'a@x.example',
      email_verified: false,
      amr: ['otp'],
    }),
    claims: { iss: 'https://op.example', sub: 'u1', email: 'a@x.example', nonce: 'n-1', amr: ['otp'] },
    params: { scope: 'openid', claims: '{"id_token":{"email":null}}', nonce: 'n-1' },
  },
  {
    provider: 'generic',
    title: 'claims by userinfo',
    config: { issuer_url: 'https://op.example', claims_source: 'userinfo' },
    answers: await openId(
      'https://op.example',
      { sub: 'u1', email: 'token@x.example' },
      {
        'https://op.example/userinfo': {
          sub: 'u1',
          email: 'info@x.example',
          locale: { language: 'de', country: 'AT' },
        },
      },
    ),
    claims: { iss: 'https://op.example', sub: 'u1', email: 'info@x.example', locale: 'de-AT' },
  },
  {
    provider: 'google',
    config: { scope: ['email', 'offline_access'] },
    answers: await openId('https://accounts.google.com', {
      sub: '1',
      hd: 'x.example',
      email: 'a@x.example',
      email_verified: true,
    }),
    claims: {
      iss: 'https://accounts.google.com',
      sub: '1',
      hd: 'x.example',
      email: 'a@x.example',
      email_verified: true,
      nonce: 'n-1',
    },
    params: { scope: 'email openid', access_type: 'offline' },
  },
  {
    provider: 'apple',
    config: {
      scope: ['email', 'name'],
      apple_team_id: 'team',
      apple_private_key_id: 'kid',
      apple_private_key: appleKey,
    },
    answers: {
      'https://appleid.apple.com/auth/keys': { keys: [jwk] },
      'https://appleid.apple.com/auth/token': granted({
        id_token: await idToken({
          iss: 'https://appleid.apple.com',
          sub: '001',
          email: 'a@x.example',
          email_verified: 'true',
        }),
      }),
    },
    callback: { user: '{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"other@x.example"}' },
    claims: {
      iss: 'https://appleid.apple.com',
      sub: '001',
      email: 'a@x.example',
      email_verified: true,
      given_name: 'Ada',
      family_name: 'Lovelace',
      last_name: 'Lovelace',
      nonce: 'n-1',
    },
    params: { response_mode: 'form_post', scope: 'email name openid' },
  },
  {
    provider: 'microsoft',
    config: { microsoft_tenant: 'common' },
    answers: await microsoftAnswers({ sub: 'pairwise', oid: 'object' }),
    claims: { iss: `${MICROSOFT}/${TENANT}/v2.0`, sub: 'pairwise', oid: 'object', nonce: 'n-1' },
  },
  {
    provider: 'microsoft',
    title: 'subject from Graph',
    config: { microsoft_tenant: TENANT, subject_source: 'me' },
    answers: await microsoftAnswers({ sub: 'pairwise', oid: 'object' }, TENANT),
    claims: { iss: `${MICROSOFT}/${TENANT}/v2.0`, sub: 'graph-id', oid: 'object', nonce: 'n-1' },
  },
  {
    provider: 'microsoft',
    title: 'subject from the object id',
    config: { microsoft_tenant: 'organizations', subject_source: 'oid' },
    answers: {
      ...(await microsoftAnswers({ sub: 'pairwise', oid: 'object' }, 'organizations')),
      [`${MICROSOFT}/organizations/v2.0/.well-known/openid-configuration`]: {
        issuer: `${MICROSOFT}/{tenantid}/v2.0`,
        authorization_endpoint: `${MICROSOFT}/organizations/oauth2/v2.0/authorize`,
        token_endpoint: `${MICROSOFT}/organizations/oauth2/v2.0/token`,
        jwks_uri: `${MICROSOFT}/organizations/discovery/v2.0/keys`,
      },
    },
    claims: { iss: `${MICROSOFT}/${TENANT}/v2.0`, sub: 'object', oid: 'object', nonce: 'n-1' },
  },
  {
    provider: 'github',
    config: { scope: ['user:email'] },
    answers: {
      ...githubUser,
      'https://github.com/login/oauth/access_token': granted({ scope: 'user:email' }),
    },
    claims: { ...octocat, email: 'octo@example.com', email_verified: true },
  },
  {
    provider: 'github',
    title: 'without the right to read addresses',
    answers: {
      ...githubUser,
      'https://github.com/login/oauth/access_token': 'access_token=at&scope=&token_type=bearer',
    },
    claims: octocat,
  },
  {
    provider: 'github-app',
    answers: { ...githubUser, 'https://github.com/login/oauth/access_token': granted() },
    claims: { ...octocat, email: 'octo@example.com', email_verified: true },
  },
  {
    provider: 'gitlab',
    config: { issuer_url: 'https://git.x.example/' },
    answers: {
      'https://git.x.example/oauth/token': granted(),
      'https://git.x.example/oauth/userinfo': {
        sub: '7',
        name: 'Ada',
        email: 'a@x.example',
        email_verified: true,
        groups: ['a/b'],
      },
    },
    claims: {
      iss: 'https://git.x.example/',
      sub: '7',
      name: 'Ada',
      email: 'a@x.example',
      email_verified: true,
    },
  },
  {
    provider: 'auth0',
    config: { issuer_url: 'https://t.auth0.example/' },
    answers: {
      'https://t.auth0.example/oauth/token': granted(),
      'https://t.auth0.example/userinfo': {
        sub: 'auth0|1',
        email: 'a@x.example',
        updated_at: '2026-01-01T00:00:00.000Z',
      },
    },
    claims: { iss: 'https://t.auth0.example/', sub: 'auth0|1', email: 'a@x.example', updated_at: 1767225600 },
    params: { scope: 'openid' },
  },
  {
    provider: 'salesforce',
    config: { issuer_url: 'https://login.sf.example' },
    answers: {
      'https://login.sf.example/services/oauth2/token': granted(),
      'https://login.sf.example/services/oauth2/userinfo': {
        sub: 'https://login.sf.example/id/1',
        email: 'a@x.example',
      },
    },
    claims: { iss: 'https://login.sf.example', sub: 'https://login.sf.example/id/1', email: 'a@x.example' },
  },
  {
    provider: 'discord',
    config: { scope: ['identify', 'email'] },
    answers: {
      'https://discord.com/api/oauth2/token': granted({ scope: 'email identify' }),
      'https://discord.com/api/users/@me': {
        id: '80',
        username: 'Nelly',
        discriminator: '1337',
        avatar: 'abc',
        verified: true,
        email: 'n@x.example',
        locale: 'en-US',
      },
    },
    claims: {
      iss: 'https://discord.com/api/oauth2/',
      sub: '80',
      name: 'Nelly#1337',
      nickname: 'Nelly',
      preferred_username: 'Nelly',
      picture: 'https://cdn.discordapp.com/avatars/80/abc.png',
      email: 'n@x.example',
      email_verified: true,
      locale: 'en-US',
    },
    params: { prompt: 'none' },
  },
  {
    provider: 'slack',
    config: { scope: ['identity.basic', 'identity.email'] },
    answers: {
      'https://slack.com/api/oauth.access': {
        ok: true,
        access_token: 'at',
        scope: 'identity.basic,identity.email',
      },
      'https://slack.com/api/users.identity': {
        ok: true,
        user: { id: 'U0', name: 'Sonny', email: 's@x.example', image_512: 'https://i.example/512' },
        team: { id: 'T0' },
      },
    },
    claims: {
      iss: 'https://slack.com/oauth/',
      sub: 'U0',
      name: 'Sonny',
      nickname: 'Sonny',
      preferred_username: 'Sonny',
      picture: 'https://i.example/512',
      email: 's@x.example',
      email_verified: true,
      team: 'T0',
    },
    params: { scope: 'identity.basic,identity.email' },
  },
  {
    provider: 'facebook',
    answers: {
      'https://graph.facebook.com/oauth/access_token': granted(),
      'https://graph.facebook.com/me': {
        id: '10',
        name: 'Ada L',
        first_name: 'Ada',
        last_name: 'L',
        email: 'a@x.example',
        picture: { data: { url: 'https://p.example' } },
      },
    },
    claims: {
      iss: 'https://graph.facebook.com/me',
      sub: '10',
      name: 'Ada L',
      given_name: 'Ada',
      family_name: 'L',
      last_name: 'L',
      nickname: 'Ada L',
      preferred_username: 'Ada L',
      picture: 'https://p.example',
      email: 'a@x.example',
      email_verified: true,
    },
  },
  {
    provider: 'spotify',
    answers: {
      'https://accounts.spotify.com/api/token': granted(),
      'https://api.spotify.com/v1/me': {
        id: 'sp',
        display_name: 'Ada',
        email: 'a@x.example',
        images: [{ url: 'https://i.example' }],
        external_urls: { spotify: 'https://open.spotify.com/user/sp' },
      },
    },
    claims: {
      iss: 'https://accounts.spotify.com/api/token',
      sub: 'sp',
      name: 'Ada',
      nickname: 'Ada',
      preferred_username: 'Ada',
      picture: 'https://i.example',
      profile: 'https://open.spotify.com/user/sp',
      email: 'a@x.example',
    },
  },
  {
    provider: 'linkedin',
    config: { scope: ['r_liteprofile', 'r_emailaddress'] },
    answers: {
      'https://www.linkedin.com/oauth/v2/accessToken': { access_token: 'at', expires_in: 1 },
      'https://api.linkedin.com/v2/me': {
        id: 'li',
        localizedFirstName: 'Ada',
        localizedLastName: 'L',
        profilePicture: {
          'displayImage~': {
            elements: [
              { identifiers: [{ identifier: 'small' }] },
              { identifiers: [{ identifier: 'large' }] },
            ],
          },
        },
      },
      'https://api.linkedin.com/v2/emailAddress': {
        elements: [{ 'handle~': { emailAddress: 'a@x.example' } }],
      },
    },
    claims: {
      iss: 'https://login.linkedin.com/',
      sub: 'li',
      name: 'Ada L',
      given_name: 'Ada',
      family_name: 'L',
      last_name: 'L',
      picture: 'large',
      email: 'a@x.example',
    },
  },
  {
    provider: 'linkedin_v2',
    answers: {
      ...(await openId('https://www.linkedin.com/oauth', { sub: 'li2' })),
      // It does not send the nonce back.
      'https://www.linkedin.com/oauth/token': granted({
        id_token: await idToken({ iss: 'https://www.linkedin.com/oauth', sub: 'li2', nonce: undefined }),
      }),
      'https://www.linkedin.com/oauth/userinfo': {
        sub: 'li2',
        email: 'a@x.example',
        email_verified: true,
        locale: { country: 'US', language: 'en' },
      },
    },
    claims: {
      iss: 'https://www.linkedin.com/oauth',
      sub: 'li2',
      email: 'a@x.example',
      email_verified: true,
      locale: 'en-US',
    },
  },
  {
    provider: 'amazon',
    config: { scope: ['profile', 'postal_code'] },
    answers: {
      'https://api.amazon.com/auth/o2/token': granted(),
      'https://api.amazon.com/user/profile': {
        user_id: 'amzn1',
        name: 'Ada',
        email: 'a@x.example',
        postal_code: '98052',
      },
    },
    claims: {
      iss: 'https://www.amazon.com',
      sub: 'amzn1',
      name: 'Ada',
      email: 'a@x.example',
      zoneinfo: '98052',
    },
  },
  {
    provider: 'patreon',
    answers: {
      'https://www.patreon.com/api/oauth2/token': granted(),
      'https://www.patreon.com/api/oauth2/v2/identity': {
        data: {
          id: '5',
          attributes: {
            full_name: 'Ada L',
            first_name: 'Ada',
            last_name: 'L',
            url: 'https://patreon.example/ada',
            image_url: 'https://i.example',
            email: 'a@x.example',
          },
        },
      },
    },
    claims: {
      iss: 'https://www.patreon.com/',
      sub: '5',
      name: 'Ada L',
      given_name: 'Ada',
      family_name: 'L',
      last_name: 'L',
      picture: 'https://i.example',
      profile: 'https://patreon.example/ada',
      email: 'a@x.example',
    },
    params: { prompt: 'none' },
  },
  {
    provider: 'x',
    config: { scope: ['email'] },
    answers: {
      'https://api.twitter.com/oauth/request_token':
        'oauth_token=rt&oauth_token_secret=rs&oauth_callback_confirmed=true',
      'https://api.twitter.com/oauth/access_token': 'oauth_token=at&oauth_token_secret=ts&user_id=12',
      'https://api.twitter.com/1.1/account/verify_credentials.json': {
        id_str: '12',
        name: 'Ada',
        screen_name: 'ada',
        email: 'a@x.example',
        profile_image_url_https: 'https://i.example',
      },
    },
    callback: { oauth_token: 'rt', oauth_verifier: 'v' },
    claims: {
      iss: 'https://api.twitter.com/oauth/access_token',
      sub: '12',
      name: 'Ada',
      nickname: 'ada',
      preferred_username: 'ada',
      picture: 'https://i.example',
      email: 'a@x.example',
    },
    params: { oauth_token: 'rt' },
  },
  {
    provider: 'yandex',
    answers: {
      'https://oauth.yandex.com/token': granted(),
      'https://login.yandex.ru/info': {
        id: '1000',
        login: 'ada',
        first_name: 'Ada',
        last_name: 'L',
        display_name: 'Ada L',
        default_email: 'a@x.example',
        default_avatar_id: 'av',
        is_avatar_empty: false,
        sex: 'female',
      },
    },
    claims: {
      iss: 'https://login.yandex.ru/info',
      sub: '1000',
      name: 'Ada L',
      given_name: 'Ada',
      family_name: 'L',
      last_name: 'L',
      nickname: 'ada',
      preferred_username: 'ada',
      picture: 'https://avatars.yandex.net/get-yapic/av/islands-200',
      email: 'a@x.example',
      gender: 'female',
    },
  },
  {
    provider: 'vk',
    answers: {
      'https://oauth.vk.com/access_token': {
        access_token: 'at',
        expires_in: 1,
        user_id: 66748,
        email: 'a@x.example',
      },
      'https://api.vk.com/method/users.get': {
        response: [{ id: 66748, first_name: 'Ada', last_name: 'L', sex: 1, bdate: '10.12.1815' }],
      },
    },
    claims: {
      iss: 'https://api.vk.com/method/users.get',
      sub: '66748',
      name: 'Ada L',
      given_name: 'Ada',
      family_name: 'L',
      last_name: 'L',
      email: 'a@x.example',
      gender: 'female',
      birthdate: '10.12.1815',
    },
  },
  {
    provider: 'dingtalk',
    answers: {
      'https://api.dingtalk.com/v1.0/oauth2/userAccessToken': {
        accessToken: 'at',
        refreshToken: 'rt',
        expireIn: 7200,
      },
      'https://api.dingtalk.com/v1.0/contact/users/me': {
        openId: 'op',
        nick: 'Ada',
        email: 'a@x.example',
        mobile: '150',
        stateCode: '86',
        avatarUrl: 'https://i.example',
      },
    },
    callback: { authCode: 'c' },
    claims: {
      iss: 'https://api.dingtalk.com/v1.0/contact/users/me',
      sub: 'op',
      name: 'Ada',
      nickname: 'Ada',
      picture: 'https://i.example',
      email: 'a@x.example',
      phone_number: '+86150',
    },
    params: { prompt: 'consent' },
  },
  {
    provider: 'lark',
    answers: {
      'https://passport.feishu.cn/suite/passport/oauth/token': granted(),
      'https://passport.feishu.cn/suite/passport/oauth/userinfo': {
        open_id: 'ou',
        name: 'Ada',
        picture: 'https://i.example',
        email: 'a@x.example',
        mobile: '+86150',
      },
    },
    claims: {
      iss: 'https://passport.feishu.cn/suite/passport/oauth/userinfo',
      sub: 'ou',
      name: 'Ada',
      nickname: 'Ada',
      picture: 'https://i.example',
      email: 'a@x.example',
      phone_number: '+86150',
    },
  },
  {
    provider: 'line',
    answers: await openId('https://access.line.me', { sub: 'U1', name: 'Ada' }),
    claims: { iss: 'https://access.line.me', sub: 'U1', name: 'Ada', nonce: 'n-1' },
  },
  {
    provider: 'netid',
    answers: await openId(
      'https://broker.netid.de',
      { sub: 'net' },
      {
        'https://broker.netid.de/userinfo': {
          sub: 'net',
          given_name: 'Ada',
          email: 'a@x.example',
          email_verified: true,
        },
      },
    ),
    claims: {
      iss: 'https://broker.netid.de',
      sub: 'net',
      given_name: 'Ada',
      email: 'a@x.example',
      email_verified: true,
    },
  },
  {
    provider: 'jackson',
    config: {
      issuer_url: 'https://saml.example',
      auth_url: 'https://saml.example/api/oauth/authorize',
      token_url: 'http://internal.example/api/oauth/token',
    },
    answers: {
      'http://internal.example/oauth/jwks': { keys: [jwk] },
      'http://internal.example/api/oauth/token': granted({
        id_token: await idToken({ iss: 'https://saml.example', sub: 'saml-1', email: 'a@x.example' }),
      }),
    },
    claims: { iss: 'https://saml.example', sub: 'saml-1', email: 'a@x.example', nonce: 'n-1' },
  },
  {
    provider: 'uaepass',
    answers: {
      'https://id.uaepass.ae/idshub/token': granted(),
      'https://id.uaepass.ae/idshub/userinfo': uaepassUser,
    },
    claims: {
      iss: 'https://id.uaepass.ae',
      sub: 'UAEPASS/1',
      name: 'Ada L',
      given_name: 'Ada',
      family_name: 'L',
      last_name: 'L',
      email: 'a@x.example',
      phone_number: '9715000',
    },
    params: { acr_values: 'urn:safelayer:tws:policies:authentication:level:low' },
  },
];

test('every kind of provider has a shape', () => {
  const covered = new Set(SHAPES.map(({ provider }) => provider));
  assert.deepEqual(
    Object.keys(PROVIDERS).filter((name) => !covered.has(name as ProviderType)),
    [],
  );
});

for (const shape of SHAPES) {
  test(`${shape.provider}${shape.title ? `, ${shape.title}` : ''}: its answer becomes claims`, async () => {
    const { outbound } = world(shape.answers);
    const provider = PROVIDERS[shape.provider](configOf(shape.provider, shape.config ?? {}), {
      outbound,
      clock,
    });
    const url = new URL(await depart(provider));
    for (const [name, value] of Object.entries(shape.params ?? {}))
      assert.equal(url.searchParams.get(name), value, name);
    if (shape.provider !== 'x') assert.equal(url.searchParams.get('client_id'), 'client');
    const { claims } = await arrive(provider, query(shape.callback));
    const { raw_claims: raw, ...seen } = claims;
    assert.ok(raw, 'everything that was said stands in raw_claims');
    assert.deepEqual(seen, shape.claims);
  });
}

async function faultOf(work: Promise<unknown>): Promise<{ step: CallbackStep; status: number }> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof ProviderFault, `expected a fault, got ${String(error)}`);
  return { step: error.step, status: error.status };
}

test('facebook is asked with a proof that we know the secret', async () => {
  const { outbound, sent } = world({
    'https://graph.facebook.com/oauth/access_token': granted(),
    'https://graph.facebook.com/me': { id: '1' },
  });
  await arrive(PROVIDERS.facebook(configOf('facebook', {}), { outbound, clock }));
  const proof = new URL(sent.at(-1)?.url ?? '').searchParams.get('appsecret_proof');
  assert.equal(proof, createHmac('sha256', 'secret').update('at').digest('hex'));
});

test('apple gets a secret that is signed for the request, and a name never replaces what was signed', async () => {
  const apple = SHAPES.find(({ provider }) => provider === 'apple');
  assert.ok(apple);
  const { outbound, sent } = world(apple.answers);
  const provider = PROVIDERS.apple(configOf('apple', apple.config ?? {}), { outbound, clock });
  await arrive(provider, query({ user: 'no JSON' }));
  const form = new URLSearchParams(sent.find(({ url }) => url.endsWith('/auth/token'))?.body ?? '');
  const [header, payload] = (form.get('client_secret') ?? '')
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  assert.deepEqual(header, { alg: 'ES256', kid: 'kid' });
  assert.deepEqual(payload, {
    iss: 'team',
    sub: 'client',
    aud: 'https://appleid.apple.com',
    iat: nowS,
    exp: nowS + 300,
  });
  assert.equal(form.get('client_id'), 'client');
});

test('microsoft: a single tenant takes nobody from another one', async () => {
  const other = '99999999-2222-4333-8444-555555555555';
  const { outbound } = world(await microsoftAnswers({ sub: 's' }, other));
  const provider = PROVIDERS.microsoft(configOf('microsoft', { microsoft_tenant: other }), {
    outbound,
    clock,
  });
  assert.deepEqual(await faultOf(arrive(provider)), { step: 'id_token_verify', status: 400 });
});

for (const provider of ['github', 'discord', 'slack', 'spotify'] as const) {
  test(`${provider}: a scope that was not granted is told to the person`, async () => {
    const shape = SHAPES.find((one) => one.provider === provider);
    assert.ok(shape);
    const { outbound } = world(shape.answers);
    const made = PROVIDERS[provider](configOf(provider, { scope: ['everything'] }), { outbound, clock });
    assert.deepEqual(await faultOf(arrive(made)), { step: 'claims_decode', status: 400 });
  });
}

test('an error with status 200, no JSON, and a missing subject are the fault of the provider', async () => {
  const token = 'https://oauth.yandex.com/token';
  const info = 'https://login.yandex.ru/info';
  const rows: readonly (readonly [Readonly<Record<string, Answer>>, CallbackStep])[] = [
    [{}, 'token_exchange'],
    [{ [token]: { error: 'bad_verification_code' } }, 'token_exchange'],
    [{ [token]: { token_type: 'bearer' } }, 'token_exchange'],
    [{ [token]: granted() }, 'claims_decode'],
    [{ [token]: granted(), [info]: 'no json' }, 'claims_decode'],
    [{ [token]: granted(), [info]: { login: 'nobody' } }, 'claims_decode'],
  ];
  for (const [answers, step] of rows) {
    const { outbound } = world(answers);
    const provider = PROVIDERS.yandex(configOf('yandex', {}), { outbound, clock });
    assert.deepEqual(await faultOf(arrive(provider)), { step, status: 502 }, JSON.stringify(answers));
  }
});

test('a refresh asks the provider to ask again', async () => {
  const { outbound } = world(await openId('https://op.example', { sub: 'u1' }));
  const provider = PROVIDERS.generic(configOf('generic', { issuer_url: 'https://op.example' }), {
    outbound,
    clock,
  });
  assert.equal(new URL(await depart(provider, true)).searchParams.get('prompt'), 'login');
});

const NATIVE = { iss: 'https://accounts.google.com', sub: 'g' };
const ROWS: readonly (readonly [string, JsonObject, string, number | 'accepted'])[] = [
  ['as it should be', NATIVE, 'n-1', 'accepted'],
  ['for another of our apps', { ...NATIVE, aud: 'ios-app' }, 'n-1', 'accepted'],
  ['for somebody else', { ...NATIVE, aud: 'stranger' }, 'n-1', 403],
  ['of another issuer', { ...NATIVE, iss: 'https://evil.example' }, 'n-1', 403],
  ['expired', { ...NATIVE, exp: nowS - 60 }, 'n-1', 403],
  ['with another nonce', NATIVE, 'n-2', 502],
  ['with a nonce where none was named', NATIVE, '', 502],
  ['without a nonce', { ...NATIVE, nonce: undefined }, '', 'accepted'],
  ['without a subject', { ...NATIVE, sub: undefined }, 'n-1', 502],
];
for (const [title, claims, nonce, expected] of ROWS) {
  test(`a native id_token ${title}: ${expected}`, async () => {
    const { outbound } = world({ 'https://www.googleapis.com/oauth2/v3/certs': { keys: [jwk] } });
    const google = PROVIDERS.google(configOf('google', { additional_id_token_audiences: ['ios-app'] }), {
      outbound,
      clock,
    });
    const result = google.verifyIdToken?.(await idToken(claims), nonce);
    assert.ok(result);
    if (expected === 'accepted') assert.equal((await result).sub, 'g');
    else assert.equal((await faultOf(result)).status, expected);
  });
}

test('netid exchanges what its prompt gave for an id_token', async () => {
  const answers = await openId(
    'https://broker.netid.de',
    { sub: 'net' },
    {
      'https://broker.netid.de/.well-known/jwks.json': { keys: [jwk] },
      'https://broker.netid.de/userinfo': { sub: 'net', email: 'a@x.example' },
    },
  );
  const { outbound, sent } = world(answers);
  const netid = PROVIDERS.netid(configOf('netid', { net_id_token_origin_header: 'https://app.example' }), {
    outbound,
    clock,
  });
  const claims = await netid.verifyIdToken?.('fedcm', 'n-1');
  assert.equal(claims?.['email'], 'a@x.example');
  const exchange = sent.find(({ url }) => url.endsWith('/token'));
  assert.equal(exchange?.headers?.['origin'], 'https://app.example');
  assert.equal(new URLSearchParams(exchange?.body).get('grant_type'), 'netid_fedcm');
});
