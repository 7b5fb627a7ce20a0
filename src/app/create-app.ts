// The composition root: opens the database and what outlives a reload, and composes the rest. Nobody else builds anything.

import { defaultConfig } from '../config/default.ts';
import type { ConfigFault, ConfigLoader, LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { watchFiles } from '../config/watch.ts';
import { startWorker, type Worker } from '../courier/send/worker.ts';
import { createAnnouncer } from '../event/announce.ts';
import type { CounterStore } from '../flow/store.ts';
import { createHashPool, type HashPool } from '../hash/pool.ts';
import type { Peer } from '../http/guard/client-address.ts';
import { createRateLimiter, type RateLimiter } from '../http/guard/rate-limit.ts';
import { trustedProxies } from '../http/guard/trusted-proxies.ts';
import { createMetrics } from '../http/observe/metrics.ts';
import { createTracing } from '../http/observe/tracing.ts';
import { toResponse } from '../http/port/answer.ts';
import { incomingFromFetch } from '../http/port/incoming.ts';
import type { Port } from '../http/port/port.ts';
import { createReadiness } from '../http/routes/health.ts';
import type { CredentialRules } from '../identity/admin/administration.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import { createJsonnet } from '../lib/jsonnet/jsonnet.ts';
import { createLog, type Log, type LogLevel } from '../lib/log.ts';
import { randomAlphanumeric } from '../lib/secret.ts';
import { VERSION } from '../lib/version.ts';
import { isPrivateAddress } from '../outbound/private-network.ts';
import { type OutboxWorker, startOutboxWorker } from '../outbox/worker.ts';
import { type MigratableDatabase, openDatabase } from '../store/open.ts';
import { compose } from './compose.ts';
import { exemptClients, UNKNOWN_PEER } from './exempt-clients.ts';
import { createJanitor, databaseChores } from './janitor.ts';
import { localSecrets } from './local-secrets.ts';
import { type Additions, createLoader, partsWith } from './parts.ts';
import type { MountedRoutes } from './routes.ts';
import type { Services } from './shared-services.ts';

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
  /** Methods and hooks of your own, beside those that Bia brings. */
  readonly additions?: Additions;
  /** Where hashes run; instances in one process may share it. Default: one of its own. */
  readonly hashPool?: HashPool;
}

export interface Bia {
  /** Answers a request to the public port. `client` is who sent it; unknown clients are neither limited nor believed. */
  readonly publicFetch: (request: Request, client?: Peer) => Promise<Response>;
  /** Answers a request to the admin port, which must not be reachable by strangers. */
  readonly adminFetch: (request: Request, client?: Peer) => Promise<Response>;
  /** The same for listeners: what is to be sent, instead of a Response. */
  readonly publicPort: Port;
  readonly adminPort: Port;
  readonly metricsPort: Port;
  readonly config: Config;
  readonly warnings: readonly ConfigFault[];
  readonly database: MigratableDatabase;
  /** What the ports answer, for the reference pages. */
  readonly routes: MountedRoutes;
  /** How credentials of each type are handled, for imports. */
  readonly credentialRules: readonly CredentialRules[];
  readonly publicUrl: string;
  readonly adminUrl: string;
  /** Networks whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
  close(): Promise<void>;
}

const OWN_SECRET_LENGTH = 48;

/** Opens database and services and composes them. SQLite is migrated by itself. Throws ConfigError. */
export async function createBia(options: BiaOptions = {}): Promise<Bia> {
  const clock = options.clock ?? systemClock;
  const parts = partsWith(options.additions);
  const loader = createLoader(parts);
  const load = (): LoadedConfig => loader.load(sources(options));
  const loaded = load();
  const { config } = loaded;
  const log = options.log ?? logOf(config);
  const pool = options.hashPool ?? createHashPool();
  const jsonnet = createJsonnet();
  const metrics = createMetrics({ version: VERSION, hashPool: () => pool.state() });
  let courier: Worker | undefined;
  let outbox: OutboxWorker | undefined;
  const database = openDatabase({
    dsn: config.dsn,
    clock,
    ...(options.onQuery ? { onQuery: options.onQuery } : {}),
    onEvent: createAnnouncer({ log, count: metrics.countEvent }),
    onQueued: (message) => {
      metrics.countMessage('queued', message);
      courier?.wake();
    },
    onEventQueued: () => outbox?.wake(),
    onIdleError: (error) => log.warn('a database connection broke while it was idle', { error }),
  });
  let isReadOnly = config.serve.read_only;
  if (database.kind === 'sqlite' && !isReadOnly) await database.migrateUp();
  const limiter = limiterOf(config, { clock, database, log, sharesCounts: () => !isReadOnly });
  const tracing = await createTracing(VERSION);
  const services: Services = {
    parts,
    clock,
    log,
    database: tracing ? { ...database, transaction: tracing.transaction(database.transaction) } : database,
    tracing,
    pool,
    jsonnet,
    metrics,
    ready: createReadiness({ check: database.check, clock }),
    limiter,
    certificateFile: options.env?.['SSL_CERT_FILE'],
    proxyEnv: options.env,
    ownSecret: randomAlphanumeric(OWN_SECRET_LENGTH),
    hidesBrowser: config.dev && options.env?.['DEV_DISABLE_API_FLOW_ENFORCEMENT'] === 'true',
    onUnbelievedProxy: createProxyWarning(log),
  };
  let current = await compose(loaded, services);
  const janitor = createJanitor({
    clock,
    isResting: () => isReadOnly,
    chores: databaseChores(database, {
      messages: config.courier.message_retention,
      events: config.security.event_retention,
      outbox: config.clients.web_hook.retention,
    }),
    onFailure: (chore, error) => log.error('old data could not be removed', { chore, error }),
  });
  if (config['watch-courier']) {
    if (!current.courier.prepare) log.warn('messages wait: no way to send them is configured');
    courier = startWorker({
      messages: database.stores.messages,
      clock,
      log,
      settings: () => (isReadOnly ? { ...current.courier, prepare: undefined } : current.courier),
      onOutcome: metrics.countMessage,
    });
    outbox = startOutboxWorker({
      events: database.stores.outbox,
      clock,
      log,
      settings: () => (isReadOnly ? { ...current.outbox, deliver: undefined } : current.outbox),
    });
  }
  if (!outbox && current.mayQueueEvents) {
    log.warn(
      'events of hooks with response.ignore wait until a process delivers them: bia serve --watch-courier or bia courier watch',
    );
  }
  const watcher = watchFiles(loaded.files, () => void reload());
  async function reload(): Promise<void> {
    try {
      const changed = load();
      current = await compose(changed, services);
      isReadOnly = changed.config.serve.read_only;
      log.info('the configuration was loaded again');
    } catch (error) {
      log.error('the changed configuration cannot be used; the last good one stays in force', { error });
    }
  }
  const traced = (port: Port): Port => tracing?.port(port) ?? port;
  const publicPort = traced((request, peer) => current.publicPort(request, peer));
  const adminPort = traced((request, peer) => current.adminPort(request, peer));
  return {
    publicFetch: async (request, client = UNKNOWN_PEER) =>
      toResponse(await publicPort(incomingFromFetch(request), client)),
    adminFetch: async (request, client = UNKNOWN_PEER) =>
      toResponse(await adminPort(incomingFromFetch(request), client)),
    publicPort,
    adminPort,
    metricsPort: (request, peer) => current.metricsPort(request, peer),
    config,
    warnings: loaded.warnings,
    database,
    routes: current.routes,
    credentialRules: current.credentialRules,
    publicUrl: current.publicUrl,
    adminUrl: current.adminUrl,
    trustedProxies: trustedProxies(config),
    close: async () => {
      watcher.close();
      await Promise.all([courier?.stop(), outbox?.stop()]);
      await jsonnet.stop();
      await janitor.stop();
      await limiter?.close();
      await database.close();
      await log.flush();
    },
  };
}

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

/** Once: strangers send such headers too, and a proxy that was forgotten sends them with every request. */
function createProxyWarning(log: Log): (peerIp: string) => void {
  let isSaid = false;
  return (peerIp) => {
    // What comes from the internet by itself is no proxy of the operator's.
    if (isSaid || !isPrivateAddress(peerIp)) return;
    isSaid = true;
    log.warn(
      'forwarding headers of a private address are not believed, and its requests count as those of one client; if it is your proxy, add it to serve.public.rate_limits.trusted_proxies',
      { peer: peerIp },
    );
  };
}

function limiterOf(
  config: Config,
  of: {
    readonly clock: Clock;
    readonly database: MigratableDatabase;
    readonly log: Log;
    /** False while nothing may be written: each node counts for itself then. */
    readonly sharesCounts: () => boolean;
  },
): RateLimiter | undefined {
  const { rate_limits } = config.serve.public;
  if (!rate_limits.enabled) return undefined;
  return createRateLimiter({
    settings: rate_limits,
    clock: of.clock,
    isExempt: exemptClients(config),
    ...(of.database.kind === 'postgres' ? { counters: sharedCounters(of) } : {}),
    onFailure: (error) => of.log.warn('request counts could not be shared with other nodes', { error }),
  });
}

function sharedCounters(of: {
  readonly database: MigratableDatabase;
  readonly sharesCounts: () => boolean;
}): Pick<CounterStore, 'add'> {
  const { counters } = of.database.stores;
  return {
    add: (counts) => (of.sharesCounts() ? counters.add(counts) : Promise.resolve(counts.map(({ by }) => by))),
  };
}
