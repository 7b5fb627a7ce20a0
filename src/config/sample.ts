// The configuration that `bia init` writes: what most installations set, with comments. Defaults are left out.
import { isIP } from 'node:net';
import type { freshSecrets } from './fresh-secrets.ts';

export interface SampleOptions {
  readonly dsn: string;
  /** With a slash at its end. */
  readonly publicUrl: URL;
  /** Name of the service. */
  readonly name: string;
  /** Address of the identity schema, such as `file://./person.schema.json`. */
  readonly schemaUrl: string;
  readonly secrets: ReturnType<typeof freshSecrets>;
}

/** JSON is YAML: whatever stands in a text, it stays one. */
const quoted = (text: string): string => JSON.stringify(text);

/** The text of a YAML file. */
export function sampleConfig({ dsn, publicUrl, name, schemaUrl, secrets }: SampleOptions): string {
  const host = publicUrl.hostname.replace(/^\[|\]$/g, '');
  const page = (path: string): string => quoted(new URL(path, publicUrl).href);
  return `# Configuration of Bia. Every key can be overridden by a variable: serve.public.base_url by SERVE_PUBLIC_BASE_URL.
# All keys: bia config show, and docs/reference/config.md. Check this file with: bia config lint FILE

# A relative SQLite path counts from the folder in which the server starts.
# For PostgreSQL: postgres://USER:PASSWORD@HOST:5432/NAME, then "bia migrate sql up" before each new version.
dsn: ${quoted(dsn)}

serve:
  public:
    # Where browsers reach this port. For real people this is https://, through a proxy in front of it.
    base_url: ${quoted(publicUrl.href)}
    # 0.0.0.0 accepts connections from other machines.
    host: 127.0.0.1
    port: ${(publicUrl.protocol === 'http:' && publicUrl.port) || '4433'}
    # rate_limits:
    #   trusted_proxies: [10.0.0.0/8]   # proxies whose X-Forwarded-For is believed
  admin:
    # Whoever reaches this port can do everything. Keep it away from the internet.
    host: 127.0.0.1
    port: 4434

# Made for this file. Keep it out of version control, or move these to the variables SECRETS_DEFAULT, SECRETS_COOKIE, ...
# To rotate one, put the new one first and keep the old one for a while.
secrets:
  default: [${quoted(secrets.default[0] ?? '')}]
  cookie: [${quoted(secrets.cookie[0] ?? '')}]
  cipher: [${quoted(secrets.cipher[0] ?? '')}]
  pagination: [${quoted(secrets.pagination[0] ?? '')}]

# What an account consists of. Change the schema as you like; file://./ counts from the folder in which the server starts.
identity:
  default_schema_id: person
  schemas:
    - id: person
      url: ${quoted(schemaUrl)}

# The built-in pages at /ui.
pages:
  name: ${quoted(name)}
  # accent: "#0b57d0"
  # logo_url: https://example.org/logo.svg
  # terms_url: https://example.org/terms
  # privacy_url: https://example.org/privacy

selfservice:
  # Where people go after signing in, unless return_to says otherwise: usually your application.
  default_browser_return_url: ${page('ui/settings')}
  # allowed_return_urls: [https://app.example.org]
  methods:
    password:
      enabled: true
      config:
        # Only the first five digits of a SHA-1 are sent to haveibeenpwned.com.
        haveibeenpwned_enabled: true
    # Codes by mail: for recovery and verification, and for signing in and up without a password.
    code:
      enabled: true
      passwordless_enabled: true
    # Passkeys are bound to a domain: browsers make none for an IP address.
    passkey:
      enabled: ${isIP(host) === 0}
      config:
        rp:
          # Changing it later loses every passkey.
          id: ${quoted(host)}
          display_name: ${quoted(name)}
          origins: [${quoted(publicUrl.origin)}]
    # Authenticator apps as a second factor.
    totp:
      enabled: true
      config:
        issuer: ${quoted(name)}
    # Backup codes, for when the second factor is lost.
    lookup_secret:
      enabled: true
  flows:
    registration:
      after:
        # Somebody new is signed in at once, and led to the code that was sent to them.
        password:
          hooks: [{ hook: show_verification_ui }, { hook: session }]
        code:
          hooks: [{ hook: session }]
        passkey:
          hooks: [{ hook: show_verification_ui }, { hook: session }]
    verification:
      enabled: true
    recovery:
      enabled: true
      after:
        # Whoever had to recover an account does not know who else is signed in to it.
        hooks: [{ hook: revoke_active_sessions }]
    logout:
      after:
        default_browser_return_url: ${page('ui/login')}

# Mail. Without a connection_uri messages wait; with --dev they are shown at /dev/inbox.
# Sent by "bia serve --watch-courier" or "bia courier watch".
# courier:
#   smtp:
#     connection_uri: smtp://USER:PASSWORD@mail.example.org:587/
#     from_address: accounts@example.org
#     from_name: ${quoted(name)}

log:
  level: info
  # json for machines.
  format: text
`;
}
