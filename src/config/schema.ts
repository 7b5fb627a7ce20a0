// The configuration: every key, its meaning and its default. One definition gives type, check and documentation.
import type { Static, TSchema } from 'typebox';
import { Type } from '../schema/typebox.ts';
import { courierSection } from './courier.ts';
import { duration, flag, optionalDuration, section, size, text, textFlag, UNREAD } from './fields.ts';
import { selfserviceSection } from './selfservice.ts';
import { serveSection } from './serve.ts';
import { sessionSection } from './session.ts';

/** No cookies and no credentials: services get what describes a client, not what signs it in. */
const FORWARDED_HEADERS = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Content-Length',
  'Content-Type',
  'Origin',
  'Priority',
  'Referer',
  'Sec-Ch-Ua',
  'Sec-Ch-Ua-Mobile',
  'Sec-Ch-Ua-Platform',
  'Sec-Fetch-Dest',
  'Sec-Fetch-Mode',
  'Sec-Fetch-Site',
  'Sec-Fetch-User',
  'True-Client-Ip',
  'User-Agent',
];

const secretList = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));
const unread = (description: string) => Type.Optional(Type.Unknown({ description }));

const identity = Type.Object(
  {
    default_schema_id: Type.String({ default: 'default', description: 'Schema of accounts that name none.' }),
    schemas: Type.Array(
      Type.Object(
        {
          id: Type.String({ minLength: 1, description: 'Name of the schema; identities keep it.' }),
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

const hashers = section({
  algorithm: Type.Unsafe<'argon2' | 'bcrypt'>({
    enum: ['argon2', 'bcrypt'],
    default: 'argon2',
    description: 'How new passwords are hashed; old hashes follow at the next sign-in.',
  }),
  bcrypt: section({
    cost: Type.Integer({
      default: 12,
      minimum: 4,
      maximum: 31,
      description: 'Each step doubles the work; outside development a cost below 12 is raised to it.',
    }),
  }),
  argon2: section({
    memory: size('19456KB', 'Memory of one hash; raised to 8KB for each lane where it is less.'),
    iterations: Type.Integer({ default: 2, minimum: 1, description: 'Passes over the memory.' }),
    parallelism: Type.Integer({ default: 1, minimum: 1, description: 'Lanes of one hash.' }),
    salt_length: Type.Integer({ default: 16, minimum: 16, description: 'Bytes of salt.' }),
    key_length: Type.Integer({ default: 32, minimum: 16, description: 'Bytes of the hash.' }),
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
    description: 'Group of the nodes of traits in a registration with a password.',
  }),
  legacy_oidc_registration_node_group: flag(false, 'Older group of trait nodes.'),
  legacy_allow_insecure_origins: flag(false, 'No effect: unbounded wildcards stay refused.'),
});

const most = (ordinary: number, description: string) =>
  Type.Integer({ default: ordinary, minimum: 1, description });

/** The whole schema. `methods` is composed of the built methods' own schemas and the merely known ones. */
export function createConfigSchema<Methods extends TSchema>(methods: Methods) {
  return Type.Object(
    {
      version: text('Version this file was written for.'),
      revision: text('Label that the admin port answers at /health/config.'),
      dsn: Type.String({ description: 'sqlite://FILE, memory or postgres://USER:PASSWORD@HOST/NAME' }),
      dev: flag(false, 'Relaxed rules for development.'),
      help: unread(UNREAD),
      'sqa-opt-out': flag(false, 'No effect: Bia never reports usage data.'),
      'watch-courier': flag(false, 'Send messages from this process.'),
      'expose-metrics-port': Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 65_535,
        description:
          'Port of the admin host at which `bia courier watch` answers /metrics/prometheus; 0: none.',
      }),
      config: unread(UNREAD),
      organizations: unread(UNREAD),
      enterprise: unread(UNREAD),
      preview: unread(UNREAD),
      selfservice: selfserviceSection(methods),
      identity,
      security: section({
        account_enumeration: section({
          mitigate: flag(
            false,
            'Answer alike for known and unknown accounts. A registration by password then signs nobody in before the address ' +
              'is verified; this needs selfservice.flows.verification.enabled.',
          ),
          answer_step: duration(
            '100ms',
            'Refused sign-ins, and all that recovery and verification answer, leave when a whole number of these has passed ' +
              'since the request, so that time does not tell who has an account. 0s turns it off.',
          ),
        }),
        one_time_secrets: section({
          tries_per_account: most(
            30,
            'Tries of codes against one account in one window, over all flows. A device that its person signed in with ' +
              'before has as many of its own, and codes that an administrator made are not counted here.',
          ),
          tries_per_account_and_network: most(15, 'Those of them that one network may use up.'),
          tries_per_network: most(500, 'Tries of codes from one network, against whichever accounts.'),
          tries_window: duration('1h', 'Window in which tries are counted.'),
          sends_per_address: most(
            20,
            'Messages to one address in one window; known devices of its person have as many of their own.',
          ),
          sends_per_address_and_network: most(10, 'Those of them that one network may cause.'),
          sends_per_client: most(200, 'Messages that one network causes in one window.'),
          sends_window: duration('1h', 'Window in which messages are counted.'),
        }),
        passwords: section({
          tries_per_account: most(
            100,
            'Passwords tried against one account in one window, right or wrong, known account or not. A device that its ' +
              'person signed in with before has as many of its own.',
          ),
          tries_per_account_and_network: most(20, 'Those of them that one network may use up.'),
          tries_per_network: most(
            1000,
            'Passwords tried from one network in one window, against whichever accounts, known devices left out.',
          ),
          tries_window: duration('15m', 'Window in which passwords are counted.'),
        }),
        known_devices: section({
          lifespan: duration(
            '2160h',
            'How long after their last sign-in browsers and apps count as known to their person; strangers cannot lock ' +
              'them out. 0s: none is known.',
          ),
        }),
        event_retention: duration(
          '2160h',
          'How long security events stay in the database; the log has them too.',
        ),
        end_unproven_credentials: flag(
          true,
          'When the first proof of any address of an account is a recovery or a sign-in by code, end the credentials and ' +
            'sessions from before it: a stranger may have made them. The person is told. False is what Kratos does.',
        ),
        disallow_ref_in_identity_schemas: flag(false, 'Refuse references to other documents.'),
      }),
      secrets: section({
        default: secretList(
          'Secrets for everything that has none of its own; the first one is used, all are accepted.',
        ),
        cookie: secretList('Secrets for cookies and codes.'),
        cipher: secretList('Secrets of 32 characters for stored tokens.'),
        pagination: secretList('Secrets for page tokens.'),
        kratos_cookie: secretList(
          'Secrets with which Kratos sealed cookies, where they are others than those for cookies.',
        ),
      }),
      ciphers: section({
        algorithm: Type.Unsafe<'noop' | 'aes' | 'xchacha20-poly1305'>({
          enum: ['noop', 'aes', 'xchacha20-poly1305'],
          default: 'noop',
          description: 'How tokens of providers are encrypted in the database.',
        }),
      }),
      cookies: section({
        domain: text('Domain of all cookies.'),
        path: Type.String({ default: '/', description: 'Path of all cookies.' }),
        secure: textFlag('Only over HTTPS; default: yes, except in development.'),
        same_site: Type.Unsafe<'Strict' | 'Lax' | 'None'>({
          enum: ['Strict', 'Lax', 'None'],
          default: 'Lax',
          description: 'SameSite of all cookies.',
        }),
      }),
      session: sessionSection,
      hashers,
      serve: serveSection,
      pages: section({
        name: Type.String({ default: 'Bia', description: 'Name that the built-in pages show.' }),
        logo_url: text('Picture beside the name.'),
        accent: text('Colour of buttons and links, such as #0b57d0.'),
        logo_dark_url: text('Logo for dark mode; default: logo_url.'),
        favicon_url: text('Icon of the browser tab; default: the logo.'),
        terms_url: text('Terms of service, linked below each page.'),
        privacy_url: text('Privacy policy, linked below each page.'),
        help_url: text('Help or support, linked below each page.'),
        radius: text('Corner radius of cards, such as 4px; fields and buttons follow.'),
        font: text('Font families, such as "Inter, sans-serif".'),
        stylesheet_path: text('CSS file that is added to the built-in stylesheet.'),
        default_language: text('Language when a person’s own is unknown or not offered; default: en.'),
        languages: Type.Optional(
          Type.Array(Type.String(), { description: 'Languages to offer, such as [en, de]; default: all.' }),
        ),
        locales_path: text('Folder of locale files, such as de.json, that add languages or replace texts.'),
      }),
      log: section({
        level: Type.String({
          default: 'info',
          description: 'Least weight of what is logged.',
          enum: ['trace', 'debug', 'info', 'warning', 'error', 'fatal', 'panic'],
        }),
        format: Type.String({
          default: 'text',
          enum: ['json', 'text'],
          description: 'json for machines, text for people.',
        }),
        leak_sensitive_values: flag(false, 'No effect: secrets are never logged.'),
        redaction_text: text('Stands where a secret was.'),
      }),
      courier: courierSection,
      oauth2_provider: Type.Optional(
        Type.Object(
          {
            url: text(
              'Admin address of the OAuth2 server (Ory Hydra) whose login requests are answered here.',
            ),
            headers: Type.Record(Type.String(), Type.String(), {
              default: {},
              description: 'Headers of every request to it, such as Authorization.',
            }),
            override_return_to: flag(
              false,
              'Sign-ins for it return to its authorization request, whatever return_to says.',
            ),
          },
          { additionalProperties: false, description: 'Signing in on behalf of an OAuth2 server.' },
        ),
      ),
      database: unread(UNREAD),
      tracing: unread(UNREAD),
      clients: section({
        http: section({
          disallow_private_ip_ranges: flag(false, 'Never call private networks.'),
          private_ip_exception_urls: Type.Array(Type.String(), {
            default: [],
            description: 'Addresses that may be called all the same; * stands for parts.',
          }),
        }),
        smtp: section({
          disallow_private_ip_ranges: flag(false, 'Never hand mail to a server in a private network.'),
        }),
        web_hook: section({
          header_allowlist: Type.Array(Type.String(), {
            default: FORWARDED_HEADERS,
            description: 'Headers of a request that services of yours may see.',
          }),
          give_up_after: duration('72h', 'How long an event is tried that no answer is waited for.'),
          retention: duration(
            '720h',
            'How long events are kept that were delivered or given up, for replays.',
          ),
        }),
      }),
      feature_flags: featureFlags,
      profiling: unread(UNREAD),
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
