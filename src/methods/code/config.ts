// The settings of the code method.
import type { Static } from 'typebox';
import { duration, flag, REASON } from '../../config/fields.ts';
import { Type } from '../../schema/typebox.ts';

const properties = {
  passwordless_enabled: flag(false, 'Sign in and sign up by a code alone.'),
  mfa_enabled: flag(false, 'Codes as second factor.'),
  config: Type.Object(
    {
      lifespan: duration('1h', 'How long a code can be used.'),
      max_submissions: Type.Integer({
        default: 5,
        minimum: 1,
        maximum: 255,
        description: 'Tries in one flow. Tries over all flows are limited by security.one_time_secrets.',
      }),
      missing_credential_fallback_enabled: flag(
        false,
        'Let accounts without a code credential sign in by a code to a known address.',
      ),
    },
    { additionalProperties: false, default: {} },
  ),
};

/** One and the same mailbox is no second factor beside itself. */
export const codeConfig = Type.Object(properties, {
  if: { properties: { passwordless_enabled: { const: true } }, required: ['passwordless_enabled'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
  then: {
    properties: {
      mfa_enabled: {
        const: false,
        [REASON]: 'codes are the first factor (passwordless_enabled) or the second one, never both',
      },
    },
  },
});

export type CodeConfig = Static<typeof codeConfig>;
