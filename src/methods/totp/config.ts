// The settings of the totp method.
import type { Static } from 'typebox';
import { Type } from '../../schema/typebox.ts';

export const totpConfig = Type.Object({
  config: Type.Object(
    {
      issuer: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'Name of the service in authenticator apps. Default: the host of the public address.',
        }),
      ),
    },
    { additionalProperties: false, default: {} },
  ),
});

export type TotpConfig = Static<typeof totpConfig>;
