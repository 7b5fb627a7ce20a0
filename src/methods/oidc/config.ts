// The settings of social sign-in: providers, their credentials and how their claims become an identity.
import type { Static } from 'typebox';
import { REASON, section, text } from '../../config/fields.ts';
import { Type } from '../../schema/typebox.ts';

export const PROVIDER_TYPES = [
  'generic',
  'amazon',
  'apple',
  'auth0',
  'dingtalk',
  'discord',
  'facebook',
  'github',
  'github-app',
  'gitlab',
  'google',
  'jackson',
  'lark',
  'line',
  'linkedin',
  'linkedin_v2',
  'microsoft',
  'netid',
  'patreon',
  'salesforce',
  'slack',
  'spotify',
  'uaepass',
  'vk',
  'x',
  'yandex',
] as const;
export type ProviderType = (typeof PROVIDER_TYPES)[number];

const choice = <T extends string>(values: readonly T[], fallback: T, description: string) =>
  Type.Unsafe<T>({ enum: values, default: fallback, description });
const texts = (description: string) => Type.Array(Type.String(), { default: [], description });
const secret = (description: string) => Type.Optional(Type.String({ description, minLength: 1 }));

/** A key of Kratos's commercial edition: ignoring it would sign people in who should be kept out. */
const unsupported = (reason: string) =>
  Type.Optional(Type.Unsafe<''>({ const: '', [REASON]: reason, description: 'Not supported.' }));

const properties = {
  id: Type.String({
    pattern: '^[A-Za-z0-9._~-]{1,64}$',
    description:
      'Name of the provider in addresses, forms and stored credentials. Never change it once people use it.',
  }),
  provider: Type.Unsafe<ProviderType>({
    enum: PROVIDER_TYPES,
    description: 'Kind of provider; `generic` for any that speaks OpenID Connect.',
  }),
  label: text('Name on the button; the id where absent.'),
  client_id: Type.String({ minLength: 1, description: 'The client that was registered at the provider.' }),
  client_secret: secret('Secret of the client; every provider but Apple needs one.'),
  issuer_url: text('Issuer whose discovery document is read; needed by generic, auth0 and salesforce.'),
  auth_url: text('Authorization endpoint, instead of the one in the discovery document.'),
  token_url: text('Token endpoint, instead of the one in the discovery document.'),
  mapper_url: text('Jsonnet that turns claims into an identity: file://, https:// or base64://.'),
  scope: texts('Scopes to ask for; `openid` is added where the provider speaks OpenID Connect.'),
  requested_claims: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'The `claims` parameter of OpenID Connect: single claims to ask for.',
    }),
  ),
  claims_source: choice(['id_token', 'userinfo'], 'id_token', 'Where the claims are read.'),
  pkce: choice(
    ['auto', 'force', 'never'],
    'auto',
    'Proof Key for Code Exchange: as the discovery document says, always, or never. With `force` the callback address carries no provider id.',
  ),
  additional_id_token_audiences: texts('Other clients whose id_tokens native apps may submit.'),
  aal2_acr_values: texts('Values of `acr` that count as two factors.'),
  aal2_amr_values: texts('Values of `amr`, any of which counts as two factors.'),
  update_identity_on_login: choice(
    ['never', 'automatic'],
    'never',
    'Whether each sign-in brings the identity up to date with the claims.',
  ),
  microsoft_tenant: text('Microsoft: tenant id, `common`, `organizations` or `consumers`.'),
  subject_source: choice(
    ['userinfo', 'me', 'oid'],
    'userinfo',
    'Microsoft: where the subject comes from; `me` asks Microsoft Graph.',
  ),
  apple_team_id: text('Apple: developer team.'),
  apple_private_key_id: text('Apple: id of the key for Sign in with Apple.'),
  apple_private_key: text('Apple: the key itself, PEM (PKCS #8).'),
  fedcm_config_url: text(
    'Address of the FedCM configuration of the provider. Accepted; FedCM is not offered.',
  ),
  net_id_token_origin_header: text('netID: Origin with which FedCM tokens are exchanged.'),
  organization_id: unsupported('organizations are not supported, so sign-ins could not be restricted to one'),
  account_linking_mode: Type.Optional(
    Type.Unsafe<'confirm_with_existing_credential'>({
      const: 'confirm_with_existing_credential',
      [REASON]:
        'accounts are linked only after a sign-in with what the account has already: anything else lets a provider take accounts over',
      description: 'How a provider is linked to an account that has the same address.',
    }),
  ),
};

const isOneOf = (types: readonly ProviderType[]) => ({
  properties: { provider: { enum: types } },
  required: ['provider'],
});

/** What a provider of some kind needs besides. */
export const providerConfig = Type.Object(properties, {
  additionalProperties: false,
  if: isOneOf(['apple']),
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: { required: ['apple_team_id', 'apple_private_key_id', 'apple_private_key'] },
  else: {
    required: ['client_secret'],
    if: isOneOf(['microsoft']),
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
    then: { required: ['microsoft_tenant'] },
    else: {
      if: isOneOf(['generic', 'auth0', 'salesforce']),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
      then: { required: ['issuer_url'] },
      else: {
        if: isOneOf(['jackson']),
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
        then: { required: ['issuer_url', 'auth_url', 'token_url'] },
      },
    },
  },
});
export type ProviderConfig = Static<typeof providerConfig>;

export const oidcConfig = Type.Object({
  config: section(
    {
      base_redirect_uri: text('Base of the callback addresses, where it is not the public address.'),
      providers: Type.Array(providerConfig, {
        default: [],
        description: 'Providers, in the order of their buttons.',
      }),
    },
    'Providers of social sign-in.',
  ),
});
export type OidcConfig = Static<typeof oidcConfig>;
