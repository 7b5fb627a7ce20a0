// Settings of sessions and of their cookie.

import { Type } from '../schema/typebox.ts';
import { duration, flag, optionalDuration, sameSite, section, text, textFlag } from './fields.ts';

/** At least a second: claims count in seconds. */
const POSITIVE_DURATION = '^(?:[0-9]+(?:\\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+$';

const tokenTemplate = Type.Object(
  {
    jwks_url: Type.String({
      pattern: '^(?:file|base64|https?)://',
      description: 'Set of private keys (JWKS): file://, base64:// or http(s)://. The first key signs.',
    }),
    ttl: Type.Optional(
      Type.String({ pattern: POSITIVE_DURATION, description: 'How long a token lasts; default: 1m.' }),
    ),
    claims_mapper_url: Type.Optional(
      Type.String({
        pattern: '^(?:file|base64|https?)://',
        description: 'Jsonnet that makes {claims: ...} of std.extVar("session") and std.extVar("claims").',
      }),
    ),
    subject_source: Type.Optional(
      Type.Unsafe<'id' | 'external_id'>({
        enum: ['id', 'external_id'],
        description: 'What the subject is: the id of the identity, or its external id. Default: id.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The section `session`. */
export const sessionSection = section({
  lifespan: duration('24h', 'How long a session lasts.'),
  earliest_possible_extend: Type.Optional(
    optionalDuration('How long before its end a session can be extended.'),
  ),
  cookie: section({
    name: Type.String({
      default: 'ory_kratos_session',
      description: 'Name of the session cookie.',
      pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
    }),
    domain: text('Domain of the session cookie; default: cookies.domain.'),
    path: text('Path of the session cookie; default: cookies.path.'),
    persistent: flag(true, 'Outlive the browser.'),
    secure: textFlag('Only over HTTPS; default: cookies.secure.'),
    accepts_kratos: flag(
      true,
      'Open session cookies that Kratos sealed, and renew them as ours; switch it off once a lifespan of sessions has passed.',
    ),
    same_site: Type.Optional(sameSite('SameSite of the session cookie; default: cookies.same_site.')),
  }),
  whoami: section({
    required_aal: Type.Unsafe<'aal1' | 'highest_available'>({
      enum: ['aal1', 'highest_available'],
      default: 'highest_available',
      description: 'Factors that whoami asks for: one, or two from people who have two.',
    }),
    tokenizer: section({
      templates: Type.Record(Type.String(), tokenTemplate, {
        default: {},
        description: 'Templates of signed tokens by name, for whoami?tokenize_as=NAME.',
      }),
    }),
  }),
});
