// The composition root: configuration -> stores -> services -> methods -> two ports. The only file that sees everything.
import { readFileSync } from 'node:fs';
import { devAdmin } from '../dev-admin.ts';
import {
  ConfigError,
  type ConfigFault,
  type ConfigLoader,
  createConfigLoader,
  faultToText,
  type LoadedConfig,
} from './base/config.ts';
import { defaultConfig } from './base/config-default.ts';
import type { Config } from './base/config-schema.ts';
import { UNBUILT_METHODS } from './base/config-unbuilt.ts';
import { watchFiles } from './base/config-watch.ts';
import { newCsrfToken } from './base/csrf-token.ts';
import { localSecrets } from './base/local-secrets.ts';
import { createSchemaRegistry, type SchemaRegistry } from './base/schema-load.ts';
import { readSource } from './base/source.ts';
import type { FlowDeps } from './flow/deps.ts';
import { flowSettings } from './flow/flow-settings.ts';
import type { HookDefinition } from './flow/hook.ts';
import { createHookBook } from './flow/hook-book.ts';
import { type BoundMethod, bindMethod, type MethodDefinition, type MethodDeps } from './flow/method.ts';
import { createHasher, type HashAlgorithm, maxPasswordBytes } from './hash/hasher.ts';
import { createHashPool, type HashPool } from './hash/pool.ts';
import * as hookRegistry from './hooks/registry.ts';
import { jsonAnswer } from './http/answer.ts';
import { createNetworks, type Peer } from './http/client-address.ts';
import { createCookies } from './http/cookies.ts';
import { createCors } from './http/cors.ts';
import { createPort, type Port, type PortOptions } from './http/port.ts';
import { createResponder } from './http/respond.ts';
import { redirectsToAdmin, redirectsToPublic } from './http/routes/cross-port.ts';
import { flowRoutes } from './http/routes/flows.ts';
import { publicDataRoutes } from './http/routes/public-data.ts';
import { sessionRoutes } from './http/routes/sessions.ts';
import { ADMIN_TIMEOUTS, listen, PUBLIC_TIMEOUTS } from './http/server.ts';
import { createSealer } from './lib/cipher.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { newUuid } from './lib/ids.ts';
import type { JsonObject } from './lib/json.ts';
import { createOutbound, type Outbound } from './lib/outbound.ts';
import { randomAlphanumeric } from './lib/secret.ts';
import { asBase } from './lib/url.ts';
import * as methodRegistry from './methods/registry.ts';
import { type MigratableDatabase, openDatabase } from './store/open.ts';

// Each definition fits the configuration that its own schema describes; the registry only loses sight of which.
const METHODS = Object.values(methodRegistry) as unknown as readonly MethodDefinition<unknown>[];
const HOOKS = Object.values(hookRegistry) as unknown as readonly HookDefinition<unknown>[];

export function createLoader(): ConfigLoader {
  return createConfigLoader({ methods: METHODS, hooks: HOOKS });
}

export interface BiaOptions {
  readonly files?: readonly string[];
  readonly config?: JsonObject;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly flags?: JsonObject;
  readonly clock?: Clock;
}

export interface Bia {
  readonly publicFetch: (request: Request, client?: Peer) => Promise<Response>;
  readonly adminFetch: (request: Request, client?: Peer) => Promise<Response>;
  readonly config: Config;
  readonly warnings: readonly ConfigFault[];
  readonly database: MigratableDatabase;
  readonly publicUrl: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

interface Services {
  readonly clock: Clock;
  readonly database: MigratableDatabase;
  readonly pool: HashPool;
  readonly fallbackSecret: string;
}

interface Composition {
  readonly config: Config;
  readonly publicPort: Port;
  readonly adminPort: Port;
  readonly publicUrl: string;
  readonly adminUrl: string;
}

export async function createBia(options: BiaOptions = {}): Promise<Bia> {
  const clock = options.clock ?? systemClock;
  const loader = createLoader();
  const load = (): LoadedConfig => loader.load(sources(options));
  const loaded = load();
  const database = openDatabase({ dsn: loaded.config.dsn, clock });
  if (database.kind === 'sqlite') await database.migrateUp();
  const services: Services = {
    clock,
    database,
    pool: createHashPool(),
    fallbackSecret: randomAlphanumeric(48),
  };
  let current = await compose(loaded, services);
  const watcher = watchFiles(loaded.files, () => void reload());
  async function reload(): Promise<void> {
    try {
      current = await compose(load(), services);
    } catch (error) {
      console.error(error);
    }
  }
  return {
    publicFetch: (request, client = UNKNOWN_PEER) => current.publicPort(request, client),
    adminFetch: (request, client = UNKNOWN_PEER) => current.adminPort(request, client),
    config: loaded.config,
    warnings: loaded.warnings,
    database,
    publicUrl: current.publicUrl,
    adminUrl: current.adminUrl,
    close: async () => {
      watcher.close();
      await database.close();
    },
  };
}

/** Nothing is believed of it, and nothing is counted against it. */
const UNKNOWN_PEER: Peer = { address: '0.0.0.0', port: 0 };
const DATA_DIR = 'data';

function sources(options: BiaOptions) {
  const files = options.files ?? [];
  const base =
    options.config ??
    (files.length === 0 ? { ...defaultConfig(DATA_DIR), secrets: localSecrets(DATA_DIR) } : undefined);
  return {
    files,
    env: options.env ?? {},
    ...(base ? { base } : {}),
    ...(options.flags ? { flags: options.flags } : {}),
  };
}

function hashAlgorithm({ hashers }: Config): HashAlgorithm {
  if (hashers.algorithm === 'bcrypt') return { algorithm: 'bcrypt', cost: hashers.bcrypt.cost };
  const { argon2 } = hashers;
  return {
    algorithm: 'argon2',
    argon2: {
      memoryKib: Math.round(argon2.memory / 1024),
      iterations: argon2.iterations,
      parallelism: argon2.parallelism,
      saltBytes: argon2.salt_length,
      keyBytes: argon2.key_length,
    },
  };
}

function outboundOf(config: Config): Outbound {
  const { disallow_private_ip_ranges, private_ip_exception_urls } = config.clients.http;
  return createOutbound({
    disallowPrivate: disallow_private_ip_ranges,
    privateExceptions: private_ip_exception_urls,
  });
}

function schemasOf(
  config: Config,
  of: { readonly clock: Clock; readonly outbound: Outbound },
): Promise<SchemaRegistry> {
  const fetchText = async (url: string) => {
    const { status, text } = await of.outbound.request(url, { redirects: 3, retries: 2 });
    return { status, text };
  };
  return createSchemaRegistry({
    schemas: config.identity.schemas.map(({ id, url, selfservice_selectable }) => ({
      id,
      url,
      isSelectable: selfservice_selectable,
    })),
    defaultId: config.identity.default_schema_id,
    readSource: (url) => readSource(url, fetchText),
    ...(config.security.disallow_ref_in_identity_schemas
      ? {}
      : { readReference: (url: string) => readSource(url, fetchText) }),
    clock: of.clock,
  });
}

/** Configuration and services -> two ports. A reload makes another one over the same services. */
async function compose(loaded: LoadedConfig, services: Services): Promise<Composition> {
  const { config } = loaded;
  const { clock, database } = services;
  const outbound = outboundOf(config);
  const schemas = await schemasOf(config, { clock, outbound });
  const configuredUrl = config.serve.public.base_url ?? derivedUrl(config, 'public');
  const publicUrl = asBase(configuredUrl);
  const adminUrl = asBase(config.serve.admin.base_url ?? derivedUrl(config, 'admin'));
  const secrets = secretsOf(config, services);
  const settings = flowSettings(config, { publicUrl, secrets: secrets.cookie });
  const algorithm = hashAlgorithm(config);
  const methodDeps: MethodDeps = {
    clock,
    database,
    hasher: createHasher({ ...algorithm, pool: services.pool }),
    outbound,
    maxPasswordBytes: maxPasswordBytes(algorithm),
    concealsAccounts: settings.concealsAccounts,
    publicUrl,
    loginStyle: settings.loginStyle,
    registrationStyle: settings.registrationStyle,
  };
  const flow: FlowDeps = {
    clock,
    database,
    schemas,
    methods: bindMethods(config, methodDeps),
    absentMethods: UNBUILT_METHODS,
    hooks: createHookBook(config, HOOKS),
    settings,
    sealer: createSealer(secrets.cookie, 'parked submission'),
  };
  const cookies = createCookies(config, {
    sealer: createSealer(secrets.cookie, 'cookie'),
    publicUrl: configuredUrl,
  });
  const responder = createResponder({
    cookies,
    publicUrl,
    uiUrl: settings.uiUrl,
    nowMs: () => clock.nowMs(),
    keepError: async (error) => {
      const id = newUuid();
      await database.stores.errors.insert({ id, error, createdAtMs: clock.nowMs() });
      return id;
    },
  });
  const common: Omit<PortOptions, 'routes'> = {
    context: {
      csrfCookieName: cookies.csrfName,
      isTrusted: createNetworks(config.serve.public.rate_limits.trusted_proxies),
      isTls: config.serve.public.tls !== undefined,
      fallbackHost: new URL(publicUrl).host,
      newCsrfToken,
    },
    onAnswered: () => undefined,
    onFailure: (error) => console.error(error),
  };
  const health = (path: string) =>
    ({ method: 'GET', path, handle: async () => jsonAnswer(200, { status: 'ok' }) }) as const;
  return {
    config,
    publicUrl,
    adminUrl,
    publicPort: createPort({
      ...common,
      routes: [
        ...sessionRoutes({ flow, cookies }),
        ...flowRoutes({ flow, cookies, responder }),
        ...publicDataRoutes({ schemas, database, settingsUrl: settings.uiUrl.settings }),
        ...redirectsToAdmin(adminUrl),
        health('/health/alive'),
        health('/health/ready'),
      ],
      publicRules: {
        cors: createCors(config.serve.public.cors),
        csrfCookie: cookies.csrf,
        limiter: undefined,
      },
    }),
    adminPort: createPort({
      ...common,
      pathPrefix: '/admin',
      routes: [
        ...redirectsToPublic(publicUrl),
        ...devAdmin({ database, schemas, methods: flow.methods, publicUrl, clock }),
        health('/admin/health/alive'),
        health('/admin/health/ready'),
      ],
    }),
  };
}

function bindMethods(config: Config, deps: MethodDeps): readonly BoundMethod[] {
  return [...METHODS]
    .sort((a, b) => a.order - b.order)
    .map((definition) => {
      const own = config.selfservice.methods[definition.name] ?? { enabled: definition.isEnabledByDefault };
      return bindMethod(definition, deps, own);
    });
}

function secretsOf({ secrets }: Config, { fallbackSecret }: Services) {
  const general = secrets.default?.length ? secrets.default : [fallbackSecret];
  return { cookie: secrets.cookie?.length ? secrets.cookie : general };
}

function derivedUrl(config: Config, port: 'public' | 'admin'): string {
  const { host, port: number, tls } = config.serve[port];
  const scheme = tls || !config.dev ? 'https' : 'http';
  return `${scheme}://${host === '0.0.0.0' ? '127.0.0.1' : host}:${number}/`;
}

export async function serve(options: BiaOptions) {
  const bia = await createBia(options);
  const { serve: ports } = bia.config;
  const open = (port: 'public' | 'admin') => {
    const { host, port: number, socket, tls } = ports[port];
    const pem = tls && tlsOf(tls);
    return listen({
      fetch: port === 'public' ? bia.publicFetch : bia.adminFetch,
      host,
      port: number,
      socketMode: socket?.mode ?? 0o755,
      ...(pem ? { tls: pem } : {}),
      timeouts: port === 'public' ? PUBLIC_TIMEOUTS : ADMIN_TIMEOUTS,
    });
  };
  const [publicListener, adminListener] = [await open('public'), await open('admin')];
  return {
    bia,
    publicUrl: bia.publicUrl,
    adminUrl: bia.adminUrl,
    stop: async () => {
      await Promise.all([publicListener.stop(), adminListener.stop()]);
      await bia.close();
    },
  };
}

type TlsConfig = NonNullable<Config['serve']['public']['tls']>;

function tlsOf({ key, cert }: TlsConfig): { readonly key: string; readonly cert: string } | undefined {
  const pem = (of: TlsConfig['key']): string | undefined =>
    of?.path
      ? readFileSync(of.path, 'utf8')
      : of?.base64 && Buffer.from(of.base64, 'base64').toString('utf8');
  const [keyPem, certPem] = [pem(key), pem(cert)];
  return keyPem && certPem ? { key: keyPem, cert: certPem } : undefined;
}
void ConfigError;
void faultToText;
