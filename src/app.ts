// The composition root: configuration -> stores -> services -> methods -> two ports. The only file that sees everything.
import { type ConfigFault, type ConfigLoader, createConfigLoader, type LoadedConfig } from './base/config.ts';
import { defaultConfig } from './base/config-default.ts';
import type { Config } from './base/config-schema.ts';
import { UNBUILT_METHODS } from './base/config-unbuilt.ts';
import { watchFiles } from './base/config-watch.ts';
import { newCsrfToken } from './base/csrf-token.ts';
import { localSecrets } from './base/local-secrets.ts';
import { openSchemas } from './base/schema-sources.ts';
import { createAnnouncer } from './event/announce.ts';
import { budgetSettings, createBudget } from './flow/budget.ts';
import type { FlowDeps } from './flow/deps.ts';
import { flowSettings } from './flow/flow-settings.ts';
import type { HookDefinition } from './flow/hook.ts';
import { createHookBook } from './flow/hook-book.ts';
import { createJanitor, databaseChores } from './flow/janitor.ts';
import { type BoundMethod, bindMethod, type MethodDefinition, type MethodDeps } from './flow/method.ts';
import { createHasher, maxPasswordBytes } from './hash/hasher.ts';
import { hashAlgorithm } from './hash/hasher-settings.ts';
import { createHashPool, type HashPool } from './hash/pool.ts';
import * as hookRegistry from './hooks/registry.ts';
import { baseUrl, tlsPem } from './http/addresses.ts';
import { createNetworks, type Peer } from './http/client-address.ts';
import { createCookies } from './http/cookies.ts';
import { createCors } from './http/cors.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { type Answered, createPort, type Port, type PortOptions } from './http/port.ts';
import { createRateLimiter, type RateLimiter } from './http/rate-limit.ts';
import { createRequestLog } from './http/request-log.ts';
import { createResponder } from './http/respond.ts';
import type { Route } from './http/route.ts';
import { adminIdentityRoutes } from './http/routes/admin-identities.ts';
import { adminSessionRoutes } from './http/routes/admin-sessions.ts';
import { redirectsToAdmin, redirectsToPublic } from './http/routes/cross-port.ts';
import { flowRoutes } from './http/routes/flows.ts';
import {
  adminHealthRoutes,
  createReadiness,
  publicHealthRoutes,
  type Readiness,
} from './http/routes/health.ts';
import { pageRoutes } from './http/routes/pages.ts';
import { publicDataRoutes } from './http/routes/public-data.ts';
import { sessionRoutes } from './http/routes/sessions.ts';
import { ADMIN_TIMEOUTS, listen, PUBLIC_TIMEOUTS } from './http/server.ts';
import { createSealer } from './lib/cipher.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { newUuid } from './lib/ids.ts';
import type { JsonObject } from './lib/json.ts';
import { createLog, type Log, type LogLevel } from './lib/log.ts';
import { createOutbound } from './lib/outbound.ts';
import { randomAlphanumeric } from './lib/secret.ts';
import { asBase } from './lib/url.ts';
import { VERSION } from './lib/version.ts';
import * as methodRegistry from './methods/registry.ts';
import { createPages } from './pages/pages.ts';
import { type MigratableDatabase, openDatabase } from './store/open.ts';

// Each definition fits the configuration that its own schema describes; the registries only lose sight of which.
const METHODS = Object.values(methodRegistry) as unknown as readonly MethodDefinition<unknown>[];
const HOOKS = Object.values(hookRegistry) as unknown as readonly HookDefinition<unknown>[];

export function createLoader(): ConfigLoader {
  return createConfigLoader({ methods: METHODS, hooks: HOOKS });
}

export interface BiaOptions {
  /** Configuration files in their order, as `-c` names them. Without any, and without `config`, a complete default is used. */
  readonly files?: readonly string[];
  /** Stands below the files: the configuration of a program that embeds Bia. */
  readonly config?: JsonObject;
  /** Overrides both. A program that embeds Bia decides whether its environment counts; by default it does not. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Settings from a command line, such as `{ dev: true }`. */
  readonly flags?: JsonObject;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Told of every statement, for counting them. */
  readonly onQuery?: (sql: string) => void;
}

export interface Bia {
  /** Answers a request to the public port. `client` is who sent it; unknown clients are neither limited nor believed. */
  readonly publicFetch: (request: Request, client?: Peer) => Promise<Response>;
  /** Answers a request to the admin port, which must not be reachable by strangers. */
  readonly adminFetch: (request: Request, client?: Peer) => Promise<Response>;
  readonly config: Config;
  readonly warnings: readonly ConfigFault[];
  readonly database: MigratableDatabase;
  /** What the ports answer, for the reference pages. */
  readonly routes: MountedRoutes;
  readonly publicUrl: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

export interface MountedRoutes {
  readonly public: readonly Route[];
  readonly admin: readonly Route[];
}

/** What outlives a reload of the configuration. */
interface Services {
  readonly clock: Clock;
  readonly log: Log;
  readonly database: MigratableDatabase;
  readonly pool: HashPool;
  readonly metrics: Metrics;
  readonly ready: Readiness;
  readonly limiter: RateLimiter | undefined;
  /** Certificates to trust beside those of Node, as SSL_CERT_FILE names them. */
  readonly certificateFile: string | undefined;
  /** Stands in where the configuration has no secrets: made for this process, so that nothing falls back to a known one. */
  readonly ownSecret: string;
}

interface Composition {
  readonly publicPort: Port;
  readonly adminPort: Port;
  readonly routes: MountedRoutes;
  readonly publicUrl: string;
  readonly adminUrl: string;
}

const OWN_SECRET_LENGTH = 48;

/** Opens database and services and composes them. SQLite is migrated by itself. Throws ConfigError. */
export async function createBia(options: BiaOptions = {}): Promise<Bia> {
  const clock = options.clock ?? systemClock;
  const loader = createLoader();
  const load = (): LoadedConfig => loader.load(sources(options));
  const loaded = load();
  const { config } = loaded;
  const log = options.log ?? logOf(config);
  const pool = createHashPool();
  const metrics = createMetrics({ version: VERSION, hashPool: () => pool.state() });
  const database = openDatabase({
    dsn: config.dsn,
    clock,
    ...(options.onQuery ? { onQuery: options.onQuery } : {}),
    onEvent: createAnnouncer({ log, count: metrics.countEvent }),
    onIdleError: (error) => log.warn('a database connection broke while it was idle', { error }),
  });
  if (database.kind === 'sqlite') await database.migrateUp();
  const limiter = limiterOf(config, { clock, database, log });
  const services: Services = {
    clock,
    log,
    database,
    pool,
    metrics,
    ready: createReadiness({ check: database.check, clock }),
    limiter,
    certificateFile: options.env?.['SSL_CERT_FILE'],
    ownSecret: randomAlphanumeric(OWN_SECRET_LENGTH),
  };
  let current = await compose(loaded, services);
  const janitor = createJanitor({
    clock,
    chores: databaseChores(database),
    onFailure: (chore, error) => log.error('old data could not be removed', { chore, error }),
  });
  const watcher = watchFiles(loaded.files, () => void reload());
  async function reload(): Promise<void> {
    try {
      current = await compose(load(), services);
      log.info('the configuration was loaded again');
    } catch (error) {
      log.error('the changed configuration cannot be used; the last good one stays in force', { error });
    }
  }
  return {
    publicFetch: (request, client = UNKNOWN_PEER) => current.publicPort(request, client),
    adminFetch: (request, client = UNKNOWN_PEER) => current.adminPort(request, client),
    config,
    warnings: loaded.warnings,
    database,
    routes: current.routes,
    publicUrl: current.publicUrl,
    adminUrl: current.adminUrl,
    close: async () => {
      watcher.close();
      await janitor.stop();
      await limiter?.close();
      await database.close();
      await log.flush();
    },
  };
}

/** Nothing is believed of it, and nothing is counted against it. */
const UNKNOWN_PEER: Peer = { address: '0.0.0.0', port: 0 };
const DATA_DIR = 'data';

function sources(options: BiaOptions): Parameters<ConfigLoader['load']>[0] {
  const files = options.files ?? [];
  const isBare = files.length === 0 && options.config === undefined;
  const base = isBare ? { ...defaultConfig(DATA_DIR), secrets: localSecrets(DATA_DIR) } : options.config;
  return {
    files,
    env: options.env ?? {},
    ...(base ? { base } : {}),
    ...(options.flags ? { flags: options.flags } : {}),
  };
}

function logOf({ log }: Config): Log {
  return createLog({
    // The schema of the configuration knows these values only.
    level: log.level as LogLevel,
    format: log.format === 'json' ? 'json' : 'text',
    version: VERSION,
    ...(log.redaction_text ? { redactionText: log.redaction_text } : {}),
  });
}

function limiterOf(
  { serve }: Config,
  of: { readonly clock: Clock; readonly database: MigratableDatabase; readonly log: Log },
): RateLimiter | undefined {
  const { rate_limits } = serve.public;
  if (!rate_limits.enabled) return undefined;
  const isExempt = createNetworks(rate_limits.exempt_networks);
  return createRateLimiter({
    settings: rate_limits,
    clock: of.clock,
    isExempt: (clientIp) => clientIp === UNKNOWN_PEER.address || isExempt(clientIp),
    ...(of.database.kind === 'postgres' ? { counters: of.database.stores.counters } : {}),
    onFailure: (error) => of.log.warn('request counts could not be shared with other nodes', { error }),
  });
}

/** Configuration and services -> two ports. A reload makes another one over the same services. */
async function compose(loaded: LoadedConfig, services: Services): Promise<Composition> {
  const { config } = loaded;
  const { clock, database, log, metrics } = services;
  const { rate_limits } = config.serve.public;
  const outbound = createOutbound({
    disallowPrivate: config.clients.http.disallow_private_ip_ranges,
    privateExceptions: config.clients.http.private_ip_exception_urls,
    certificateFile: services.certificateFile,
  });
  const schemas = await openSchemas(config, { clock, outbound });
  for (const failure of schemas.failures()) log.error('an identity schema cannot be used', { ...failure });
  const publicUrl = asBase(baseUrl(config, 'public'));
  const adminUrl = asBase(baseUrl(config, 'admin'));
  const secrets = secretsOf(config, services);
  const settings = flowSettings(config, { publicUrl, secrets: secrets.cookie });
  const algorithm = hashAlgorithm(config);
  const methods = bindMethods(config, {
    clock,
    database,
    hasher: createHasher({ ...algorithm, pool: services.pool }),
    outbound,
    maxPasswordBytes: maxPasswordBytes(algorithm),
    concealsAccounts: settings.concealsAccounts,
    publicUrl,
    compose: () => Promise.reject(new Error('no method of this version sends messages')),
    budget: createBudget({
      counters: database.stores.counters,
      clock,
      settings: budgetSettings(config, createNetworks(rate_limits.exempt_networks)),
    }),
    secretKeys: secrets.cookie,
    notifiesUnknown: {
      recovery: config.selfservice.flows.recovery.notify_unknown_recipients,
      verification: config.selfservice.flows.verification.notify_unknown_recipients,
    },
    features: {
      choosesRecoveryAddress: config.feature_flags.choose_recovery_address,
      choosesRefreshAddress: config.feature_flags.refresh_login_choose_address,
      hasSms: false,
    },
    loginStyle: settings.loginStyle,
    registrationStyle: settings.registrationStyle,
  });
  const flow: FlowDeps = {
    clock,
    database,
    schemas,
    methods,
    absentMethods: UNBUILT_METHODS,
    hooks: createHookBook(config, HOOKS),
    settings,
    sealer: createSealer(secrets.cookie, 'parked submission'),
  };
  const cookies = createCookies(config, {
    sealer: createSealer(secrets.cookie, 'cookie'),
    publicUrl: baseUrl(config, 'public'),
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
  const pageSealer = (list: string) => createSealer(secrets.pagination, `page of ${list}`);
  const transaction: MigratableDatabase['transaction'] = (work) => database.transaction(work);
  const { name, logo_url, accent } = config.pages;
  const look = { name, ...(logo_url ? { logoUrl: logo_url } : {}), ...(accent ? { accent } : {}) };
  const routes: MountedRoutes = {
    public: [
      ...publicHealthRoutes(services),
      ...sessionRoutes({ flow, cookies }),
      ...flowRoutes({ flow, cookies, responder }),
      ...publicDataRoutes({ schemas, database, settingsUrl: settings.uiUrl.settings }),
      ...pageRoutes({
        pages: createPages({ flow, look }),
        cookies,
        responder,
        imageOrigins: logo_url ? [new URL(logo_url, publicUrl).origin] : [],
      }),
      ...redirectsToAdmin(adminUrl),
    ],
    admin: [
      ...adminHealthRoutes({
        ...services,
        version: VERSION,
        revision: () => loaded.revision,
        metrics: metrics.text,
      }),
      ...adminIdentityRoutes({
        administration: { clock, schemas, credentialRules: methods, transaction },
        identities: database.stores.identities,
        pageSealer: pageSealer('identities'),
        publicUrl,
        adminUrl,
      }),
      ...adminSessionRoutes({
        administration: {
          clock,
          transaction,
          lifespanMs: config.session.lifespan,
          earliestExtendMs: config.session.earliest_possible_extend ?? config.session.lifespan,
        },
        sessions: database.stores.sessions,
        pageSealer: pageSealer('sessions'),
        publicUrl,
        answersExtendEmpty: config.feature_flags.faster_session_extend,
      }),
      ...redirectsToPublic(publicUrl),
    ],
  };
  const portOptions = (port: 'public' | 'admin'): PortOptions => ({
    routes: routes[port],
    context: {
      csrfCookieName: cookies.csrfName,
      forwardedHeaderNames: config.clients.web_hook.header_allowlist,
      isTrusted: createNetworks(rate_limits.trusted_proxies),
      isTls: config.serve[port].tls !== undefined,
      fallbackHost: new URL(port === 'public' ? publicUrl : adminUrl).host,
      newCsrfToken,
    },
    onAnswered: observer(config, port, services),
    onFailure: (error, { requestId }) => log.error('a request failed', { error, request_id: requestId }),
  });
  return {
    publicUrl,
    adminUrl,
    routes,
    publicPort: createPort({
      ...portOptions('public'),
      publicRules: {
        cors: createCors(config.serve.public.cors),
        csrfCookie: cookies.csrf,
        limiter: services.limiter,
      },
    }),
    adminPort: createPort({ ...portOptions('admin'), pathPrefix: '/admin' }),
  };
}

/** Log line and metrics of each answer. */
function observer(
  config: Config,
  port: 'public' | 'admin',
  { log, metrics }: Services,
): (answered: Answered) => void {
  const write = createRequestLog({
    log,
    port,
    leavesHealthOut: config.serve[port].request_log.disable_for_health,
  });
  return (answered) => {
    metrics.countRequest({ ...answered, method: answered.context.method });
    write(answered);
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

function secretsOf({ secrets }: Config, { ownSecret, log }: Services) {
  if (!secrets.default?.length && !secrets.cookie?.length) {
    log.warn(
      'secrets.default is not set: sessions and links end with this process, and other nodes cannot read them',
    );
  }
  const general = secrets.default?.length ? secrets.default : [ownSecret];
  return {
    cookie: secrets.cookie?.length ? secrets.cookie : general,
    pagination: secrets.pagination?.length ? secrets.pagination : general,
  };
}

export interface Served {
  readonly bia: Bia;
  readonly publicUrl: string;
  readonly adminUrl: string;
  /** Takes no more requests, waits for those in flight, and closes everything. */
  stop(): Promise<void>;
}

/** Listens on both ports. Throws ConfigError, or the system's error where an address cannot be taken. */
export async function serve(options: BiaOptions): Promise<Served> {
  const bia = await createBia(options);
  const open = (port: 'public' | 'admin') => {
    const { host, port: number, socket } = bia.config.serve[port];
    const tls = tlsPem(bia.config, port);
    return listen({
      fetch: port === 'public' ? bia.publicFetch : bia.adminFetch,
      host,
      port: number,
      socketMode: socket?.mode ?? 0o755,
      ...(tls ? { tls } : {}),
      timeouts: port === 'public' ? PUBLIC_TIMEOUTS : ADMIN_TIMEOUTS,
    });
  };
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.stop()));
    await bia.close();
  };
  try {
    opened.push(await open('public'));
    opened.push(await open('admin'));
  } catch (error) {
    await stop();
    throw error;
  }
  return { bia, publicUrl: bia.publicUrl, adminUrl: bia.adminUrl, stop };
}
