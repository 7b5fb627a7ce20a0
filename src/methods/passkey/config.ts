// The settings of the passkey method.
import type { Static } from 'typebox';
import { optionalDuration, REASON } from '../../config/fields.ts';
import { Type } from '../../schema/typebox.ts';
import { partyConfig } from '../../webauthn/party.ts';

const oneOf = <const Values extends readonly string[]>(
  values: Values,
  description: string,
  initial?: string,
) =>
  Type.Unsafe<Values[number]>({
    type: 'string',
    enum: values,
    description,
    ...(initial === undefined ? {} : { default: initial }),
  });

const WISHES = ['required', 'preferred', 'discouraged'] as const;

const selection = Type.Object(
  {
    attachment: Type.Optional(
      oneOf(['platform', 'cross-platform'], 'Only authenticators of the device, or only separate ones.'),
    ),
    resident_key: oneOf(WISHES, 'Whether the key must be found without an identifier.', 'required'),
    user_verification: oneOf(
      WISHES,
      'Whether the authenticator checks who uses it, by fingerprint, face or PIN.',
      'preferred',
    ),
  },
  { additionalProperties: false, default: {} },
);

const properties = {
  config: Type.Optional(
    Type.Object(
      {
        rp: partyConfig,
        authenticator_selection: selection,
        attestation: Type.Object(
          {
            preference: oneOf(
              ['none', 'indirect', 'direct', 'enterprise'],
              'What authenticators are asked to tell about their maker. It is checked for consistency and trusted for nothing.',
              'none',
            ),
          },
          { additionalProperties: false, default: {} },
        ),
        timeouts: Type.Object(
          {
            registration: Type.Optional(
              optionalDuration(
                'How long browsers wait for a new passkey. Default: 5m, or 2m without verification.',
              ),
            ),
            login: Type.Optional(
              optionalDuration(
                'How long browsers wait for a passkey. Default: 5m, or 2m without verification.',
              ),
            ),
          },
          { additionalProperties: false, default: {} },
        ),
        offer_after_password: Type.Boolean({
          default: true,
          description: 'After a sign-in with a password, the built-in pages offer to create a passkey.',
        }),
      },
      { additionalProperties: false },
    ),
  ),
};

export const passkeyConfig = Type.Object(properties, {
  if: { properties: { enabled: { const: true } }, required: ['enabled'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: { required: ['config'], [REASON]: 'passkeys need a relying party: set config.rp' },
});

export type PasskeyConfig = Static<typeof passkeyConfig>;
