// Settings of the two ports: where they listen, who may call, and how often.

import { Type } from '../schema/typebox.ts';
import { duration, flag, section, size, text, UNREAD } from './fields.ts';

const socket = Type.Optional(
  Type.Object({
    owner: Type.String({ default: '', description: UNREAD }),
    group: Type.String({ default: '', description: UNREAD }),
    mode: Type.Integer({
      default: 493,
      minimum: 0,
      maximum: 511,
      description: 'Mode of the socket file, as a decimal number: 493 is 0755.',
    }),
  }),
);
const tlsFile = Type.Optional(
  Type.Object({ path: text('File in PEM form.'), base64: text('The same, in base64, in place of a file.') }),
);
const tls = Type.Optional(
  Type.Object({ key: tlsFile, cert: tlsFile }, { description: 'Both are needed for HTTPS.' }),
);
const requestLog = section({ disable_for_health: flag(false, 'Leave health checks out of the log.') });

const cors = section({
  enabled: flag(false, 'Answer cross-origin requests.'),
  allowed_origins: Type.Array(Type.String(), {
    default: ['*'],
    description:
      'Origins of pages that may call; https://*.example.org stands for subdomains. With * every page may, but none with cookies.',
  }),
  allowed_methods: Type.Array(Type.String(), {
    default: ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'],
    description: 'Methods that they may use.',
  }),
  allowed_headers: Type.Array(Type.String(), {
    default: ['Authorization', 'Content-Type', 'Max-Age', 'X-Session-Token', 'X-XSRF-TOKEN', 'X-CSRF-TOKEN'],
    description: 'Headers that they may send.',
  }),
  exposed_headers: Type.Array(Type.String(), {
    default: ['Content-Type'],
    description: 'Headers that they may read.',
  }),
  allow_credentials: flag(true, 'Let browsers send cookies along, from origins that are named.'),
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
  trusted_proxies: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'Networks whose forwarding headers are believed. Default: loopback; and private networks where serve.public.host is a private address.',
    }),
  ),
  exempt_networks: Type.Array(Type.String(), {
    default: ['127.0.0.0/8', '::1/128'],
    description: 'Networks that are counted but never refused.',
  }),
});

/** The section `serve`. */
export const serveSection = section({
  public: section({
    base_url: text('Address under which clients reach the public port.'),
    host: Type.String({ default: '0.0.0.0', description: 'Address to listen on, or unix:/path.' }),
    port: Type.Integer({ default: 4433, minimum: 0, maximum: 65535, description: 'Port to listen on.' }),
    socket,
    tls,
    request_log: requestLog,
    max_body_size: size('256KB', 'Largest body that a request of the Frontend API may have.'),
    cors,
    rate_limits: rateLimits,
  }),
  admin: section({
    base_url: text('Address under which administrators reach the admin port.'),
    host: Type.String({ default: '0.0.0.0', description: 'Address to listen on, or unix:/path.' }),
    port: Type.Integer({ default: 4434, minimum: 0, maximum: 65535, description: 'Port to listen on.' }),
    socket,
    tls,
    request_log: requestLog,
    allowed_origins: Type.Array(Type.String({ pattern: '^https?://[^/?#*]+/?$' }), {
      default: [],
      description:
        'Origins of administration pages that send requests here through a proxy, such as https://ops.example.org. Other pages are refused; programs other than browsers are not affected.',
    }),
  }),
  read_only: flag(
    false,
    'Refuse everything that would write with 503 and Retry-After, while a database is moved or migrated. Who is signed in is still answered. It can be switched while the server runs.',
  ),
  shutdown_timeout: duration(
    '10s',
    'How long the process may take to end after SIGTERM or SIGINT: requests in flight are answered with Connection: close, and what is not through by then is cut off.',
  ),
});
