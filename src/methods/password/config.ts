// The settings of the password method.
import type { Static } from 'typebox';
import { Type } from '../../schema/typebox.ts';

export const passwordPolicyConfig = Type.Object(
  {
    haveibeenpwned_enabled: Type.Boolean({
      default: true,
      description: 'Refuse passwords that were seen in known breaches.',
    }),
    haveibeenpwned_host: Type.String({
      default: 'api.pwnedpasswords.com',
      description: 'Host of the range service; only the first five digits of a SHA-1 ever leave the server.',
    }),
    max_breaches: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 100,
      description: 'How often a password may have been seen and still be taken.',
    }),
    ignore_network_errors: Type.Boolean({
      default: true,
      description: 'Take passwords while the range service cannot be reached.',
    }),
    min_password_length: Type.Integer({
      default: 8,
      minimum: 6,
      description: 'Least number of characters, counted as code points after NFKC.',
    }),
    identifier_similarity_check_enabled: Type.Boolean({
      default: true,
      description: 'Refuse passwords that resemble the identifier.',
    }),
    migrate_hook: Type.Optional(
      Type.Object(
        {
          enabled: Type.Boolean({ default: false, description: 'Not part of this version.' }),
          config: Type.Optional(Type.Unknown({ description: 'Not part of this version.' })),
        },
        {
          default: { enabled: false },
          description: 'Ask another system for passwords that were not imported.',
        },
      ),
    ),
  },
  { additionalProperties: false, default: {} },
);

export const passwordConfig = Type.Object({ config: passwordPolicyConfig });

export type PasswordPolicyConfig = Static<typeof passwordPolicyConfig>;
export type PasswordConfig = Static<typeof passwordConfig>;
