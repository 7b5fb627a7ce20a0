// The configuration: every key, its meaning and its default. One definition gives type, check and documentation.
import { type Static, type TSchema, Type } from 'typebox';
import { duration, flag, optionalDuration, section, size, text, textFlag } from './config-fields.ts';
import { selfserviceSection } from './config-selfservice.ts';

const sameSite = Type.Unsafe<'Strict' | 'Lax' | 'None'>({ enum: ['Strict', 'Lax', 'None'] });
const secretList = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));
const anything = Type.Optional(Type.Unknown());

const socket = Type.Optional(
  Type.Object({
    owner: Type.String({ default: '' }),
    group: Type.String({ default: '' }),
    mode: Type.Integer({ default: 493, minimum: 0, maximum: 511 }),
  }),
);
const tlsFile = Type.Optional(
  Type.Object({ path: Type.Optional(Type.String()), base64: Type.Optional(Type.String()) }),
);
const tls = Type.Optional(
  Type.Object({ key: tlsFile, cert: tlsFile }, { description: 'Both are needed for HTTPS.' }),
);
const requestLog = section({ disable_for_health: flag(false, 'Leave health checks out of the log.') });

const cors = section({
  enabled: flag(false, 'Answer cross-origin requests.'),
  allowed_origins: Type.Array(Type.String(), { default: ['*'] }),
  allowed_methods: Type.Array(Type.String(), { default: ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'] }),
  allowed_headers: Type.Array(Type.String(), {
    default: ['Authorization', 'Content-Type', 'Max-Age', 'X-Session-Token', 'X-XSRF-TOKEN', 'X-CSRF-TOKEN'],
  }),
  exposed_headers: Type.Array(Type.String(), { default: ['Content-Type'] }),
  allow_credentials: flag(true, 'Let browsers send cookies along.'),
  options_passthrough: flag(false, 'Let preflights reach the routes.'),
  max_age: Type.Integer({ default: 0, description: 'Seconds for which browsers may keep a preflight.' }),
  debug: flag(false, 'No effect.'),
});

const perMinute = (value: number) =>
  Type.Integer({ default: value, minimum: 1, description: 'Requests a minute for each client address.' });
const rateLimits = section({
  enabled: flag(true, 'Limit requests of the Frontend API by client address.'),
  low: perMinute(1000),
  medium: perMinute(2000),
  high: perMinute(5000),
  trusted_proxies: Type.Array(Type.String(), {
    default: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
    description: 'Networks whose forwarding headers are believed.',
  }),
  exempt_networks: Type.Array(Type.String(), {
    default: ['127.0.0.0/8', '::1/128'],
    description: 'Networks that are counted but never refused.',
  }),
});

const serve = section({
  public: section({
    base_url: text('Address under which clients reach the public port.'),
    host: Type.String({ default: '0.0.0.0' }),
    port: Type.Integer({ default: 4433, minimum: 0, maximum: 65535 }),
    socket,
    tls,
    request_log: requestLog,
    cors,
    rate_limits: rateLimits,
  }),
  admin: section({
    base_url: text('Address under which administrators reach the admin port.'),
    host: Type.String({ default: '0.0.0.0' }),
    port: Type.Integer({ default: 4434, minimum: 0, maximum: 65535 }),
    socket,
    tls,
    request_log: requestLog,
  }),
});

const identity = Type.Object(
  {
    default_schema_id: Type.String({ default: 'default' }),
    schemas: Type.Array(
      Type.Object(
        {
          id: Type.String({ minLength: 1 }),
          url: Type.String({ minLength: 1, description: 'file://, base64:// or http(s)://' }),
          selfservice_selectable: flag(false, 'May be chosen with ?identity_schema=.'),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);

const session = section({
  lifespan: duration('24h', 'How long a session lasts.'),
  earliest_possible_extend: Type.Optional(
    optionalDuration('How long before its end a session can be extended.'),
  ),
  cookie: section({
    name: Type.String({ default: 'ory_kratos_session', pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }),
    domain: text('Domain of the session cookie; default: cookies.domain.'),
    path: text('Path of the session cookie; default: cookies.path.'),
    persistent: flag(true, 'Outlive the browser.'),
    secure: textFlag('Only over HTTPS; default: cookies.secure.'),
    same_site: Type.Optional(sameSite),
  }),
  whoami: section({
    required_aal: Type.Unsafe<'aal1' | 'highest_available'>({
      enum: ['aal1', 'highest_available'],
      default: 'highest_available',
    }),
    tokenizer: section({ templates: Type.Record(Type.String(), Type.Unknown(), { default: {} }) }),
  }),
});

const hashers = section({
  algorithm: Type.Unsafe<'argon2' | 'bcrypt'>({ enum: ['argon2', 'bcrypt'], default: 'argon2' }),
  bcrypt: section({ cost: Type.Integer({ default: 12, minimum: 4, maximum: 31 }) }),
  argon2: section({
    memory: size('19456KB', 'Memory of one hash.'),
    iterations: Type.Integer({ default: 2, minimum: 1 }),
    parallelism: Type.Integer({ default: 1, minimum: 1 }),
    salt_length: Type.Integer({ default: 16, minimum: 16 }),
    key_length: Type.Integer({ default: 32, minimum: 16 }),
    expected_duration: duration('500ms', 'No effect: unknown accounts cost a real hash.'),
    expected_deviation: duration('500ms', 'No effect: unknown accounts cost a real hash.'),
    dedicated_memory: size('1GB', 'No effect: the pool of hashes is bounded by cores.'),
  }),
});

const featureFlags = section({
  cacheable_sessions: flag(false, 'Say for how long whoami answers may be kept.'),
  cacheable_sessions_max_age: Type.Optional(optionalDuration('Longest time for which they may be kept.')),
  use_continue_with_transitions: flag(false, 'Hand over between flows by continue_with.'),
  choose_recovery_address: flag(false, 'Let people choose where a recovery code goes.'),
  legacy_continue_with_verification_ui: flag(false, 'Always name the verification flow.'),
  legacy_require_verified_login_error: flag(false, 'Older form of the error for unverified addresses.'),
  faster_session_extend: flag(false, 'Answer 204 to the extension of a session.'),
  refresh_login_choose_address: flag(false, 'Let people choose where a refresh code goes.'),
  password_profile_registration_node_group: Type.Unsafe<'password' | 'default'>({
    enum: ['password', 'default'],
    default: 'default',
  }),
  legacy_oidc_registration_node_group: flag(false, 'Older group of trait nodes.'),
  legacy_allow_insecure_origins: flag(false, 'No effect: unbounded wildcards stay refused.'),
});

/** The whole schema. `methods` is composed of the built methods' own schemas and the merely known ones. */
export function createConfigSchema<Methods extends TSchema>(methods: Methods) {
  return Type.Object(
    {
      version: text('Version this file was written for.'),
      revision: text('Label that the admin port answers at /health/config.'),
      dsn: Type.String({ description: 'sqlite://FILE, memory or postgres://USER:PASSWORD@HOST/NAME' }),
      dev: flag(false, 'Relaxed rules for development.'),
      help: anything,
      'sqa-opt-out': flag(false, 'No effect: nothing is reported to anybody.'),
      'watch-courier': flag(false, 'Send messages from this process.'),
      'expose-metrics-port': anything,
      config: anything,
      organizations: anything,
      enterprise: anything,
      preview: anything,
      selfservice: selfserviceSection(methods),
      identity,
      security: section({
        account_enumeration: section({
          mitigate: flag(false, 'Answer alike for known and unknown accounts.'),
        }),
        disallow_ref_in_identity_schemas: flag(false, 'Refuse references to other documents.'),
      }),
      secrets: section({
        default: secretList(
          'Secrets for everything that has none of its own; the first one is used, all are accepted.',
        ),
        cookie: secretList('Secrets for cookies and codes.'),
        cipher: secretList('Secrets of 32 characters for stored tokens.'),
        pagination: secretList('Secrets for page tokens.'),
      }),
      ciphers: section({
        algorithm: Type.Unsafe<'noop' | 'aes' | 'xchacha20-poly1305'>({
          enum: ['noop', 'aes', 'xchacha20-poly1305'],
          default: 'noop',
        }),
      }),
      cookies: section({
        domain: text('Domain of all cookies.'),
        path: Type.String({ default: '/' }),
        secure: textFlag('Only over HTTPS; default: yes, except in development.'),
        same_site: Type.Unsafe<'Strict' | 'Lax' | 'None'>({
          enum: ['Strict', 'Lax', 'None'],
          default: 'Lax',
        }),
      }),
      session,
      hashers,
      serve,
      pages: section({
        name: Type.String({ default: 'Bia', description: 'Name that the built-in pages show.' }),
        logo_url: text('Picture beside the name.'),
        accent: text('Colour of buttons and links, such as #0b57d0.'),
      }),
      log: section({
        level: Type.String({
          default: 'info',
          enum: ['trace', 'debug', 'info', 'warning', 'error', 'fatal', 'panic'],
        }),
        format: Type.String({ default: 'text', enum: ['json', 'text'] }),
        leak_sensitive_values: flag(false, 'No effect: secrets are never logged.'),
        redaction_text: text('Stands where a secret was.'),
      }),
      courier: anything,
      oauth2_provider: Type.Optional(
        Type.Object({ url: text('Admin address of the OAuth2 server.') }, { additionalProperties: true }),
      ),
      database: anything,
      tracing: anything,
      clients: section({
        http: section({
          disallow_private_ip_ranges: flag(false, 'Never call private networks.'),
          private_ip_exception_urls: Type.Array(Type.String(), { default: [] }),
        }),
        smtp: anything,
        web_hook: anything,
      }),
      feature_flags: featureFlags,
      profiling: anything,
    },
    { additionalProperties: false },
  );
}

const anyMethods = Type.Record(
  Type.String(),
  Type.Object({ enabled: Type.Boolean(), config: Type.Optional(Type.Unknown()) }),
);
/** The configuration with every default filled in, durations in milliseconds and sizes in bytes. */
export type Config = Static<ReturnType<typeof createConfigSchema<typeof anyMethods>>>;
