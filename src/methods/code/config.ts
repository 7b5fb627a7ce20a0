// The settings of the code method.
import type { Static } from 'typebox';
import { duration, flag } from '../../base/config-fields.ts';
import { Type } from '../../base/typebox.ts';

export const codeConfig = Type.Object({
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
});

export type CodeConfig = Static<typeof codeConfig>;
