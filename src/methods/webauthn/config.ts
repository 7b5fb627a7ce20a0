// The settings of the webauthn method.
import type { Static } from 'typebox';
import { flag, REASON } from '../../config/fields.ts';
import { Type } from '../../schema/typebox.ts';
import { partyConfig } from '../../webauthn/party.ts';

const properties = {
  config: Type.Optional(
    Type.Object(
      {
        passwordless: flag(false, 'Sign in with a security key alone. Otherwise it is a second factor.'),
        rp: partyConfig,
      },
      { additionalProperties: false },
    ),
  ),
};

export const webauthnConfig = Type.Object(properties, {
  if: { properties: { enabled: { const: true } }, required: ['enabled'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: { required: ['config'], [REASON]: 'security keys need a relying party: set config.rp' },
});

export type WebauthnConfig = Static<typeof webauthnConfig>;
