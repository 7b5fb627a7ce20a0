// The composition of one configuration: settings -> methods, hooks and flows -> two ports. A reload makes another one.
import { ConfigError, type ConfigLoader, createConfigLoader, type LoadedConfig } from './base/config.ts';
import type { Config } from './base/config-schema.ts';
import { UNBUILT_METHODS } from './base/config-unbuilt.ts';
import { newCsrfToken } from './base/csrf-token.ts';
import { MAILBOX_PATH, mailboxUrl } from './base/dev-mailbox.ts';
import { openSchemas } from './base/schema-sources.ts';
import { createComposer } from './courier/composer.ts';
import { courierSettings } from './courier/courier.ts';
import { type Site, siteOf } from './courier/site.ts';
import { checkTemplates } from './courier/template-check.ts';
import { TEMPLATE_REQUEST } from './courier/template-files.ts';
import type { WorkerSettings } from './courier/worker.ts';
import { budgetSettings, createBudget } from './flow/budget.ts';
import type { FlowDeps } from './flow/deps.ts';
import { flowSettings } from './flow/flow-settings.ts';
import type { HookDefinition } from './flow/hook.ts';
import { createHookBook } from './flow/hook-book.ts';
import { type BoundMethod, bindMethod, type MethodDefinition, type MethodDeps } from './flow/method.ts';
import { createHasher, maxPasswordBytes } from './hash/hasher.ts';
import { hashAlgorithm } from './hash/hasher-settings.ts';
import type { HashPool } from './hash/pool.ts';
import * as hookRegistry from './hooks/registry.ts';
import { baseUrl } from './http/addresses.ts';
import { createNetworks } from './http/client-address.ts';
import { createCookies } from './http/cookies.ts';
import { createCors } from './http/cors.ts';
import type { Metrics } from './http/metrics.ts';
import { type Answered, createPort, type Port, type PortOptions } from './http/port.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import { createRequestLog } from './http/request-log.ts';
import { createResponder } from './http/respond.ts';
import type { Route } from './http/route.ts';
import { adminCourierRoutes } from './http/routes/admin-courier.ts';
import { adminIdentityRoutes } from './http/routes/admin-identities.ts';
import { adminRecoveryRoutes } from './http/routes/admin-recovery.ts';
import { adminSessionRoutes } from './http/routes/admin-sessions.ts';
import { redirectsToAdmin, redirectsToPublic } from './http/routes/cross-port.ts';
import { devInboxRoutes } from './http/routes/dev-inbox.ts';
import { flowRoutes } from './http/routes/flows.ts';
import { adminHealthRoutes, METRICS_PATH, publicHealthRoutes, type Readiness } from './http/routes/health.ts';
import { methodRoutes } from './http/routes/methods.ts';
import { pageHeaders, pageRoutes } from './http/routes/pages.ts';
import { publicDataRoutes } from './http/routes/public-data.ts';
import { sessionRoutes } from './http/routes/sessions.ts';
import { createSealer } from './lib/cipher.ts';
import type { Clock } from './lib/clock.ts';
import { newUuid } from './lib/ids.ts';
import type { Jsonnet } from './lib/jsonnet.ts';
import type { Log } from './lib/log.ts';
import { createOutbound } from './lib/outbound.ts';
import { asBase } from './lib/url.ts';
import { VERSION } from './lib/version.ts';
import * as methodRegistry from './methods/registry.ts';
import { createInbox } from './pages/inbox.ts';
import { createPages } from './pages/pages.ts';
import type { MigratableDatabase } from './store/open.ts';

/** Methods and hooks of a program that embeds Bia; they stand beside those of the registries. */
export interface Additions {
  readonly methods?: readonly MethodDefinition<never>[];
  readonly hooks?: readonly HookDefinition<never>[];
}

/** Everything that people add, in one list each. */
export interface Parts {
  readonly methods: readonly MethodDefinition<unknown>[];
  readonly hooks: readonly HookDefinition<unknown>[];
}

export function partsWith({ methods = [], hooks = [] }: Additions = {}): Parts {
  // Each definition fits the configuration that its own schema describes; the lists only lose sight of which.
  return {
    methods: [...Object.values(methodRegistry), ...methods] as unknown as Parts['methods'],
    hooks: [...Object.values(hookRegistry), ...hooks] as unknown as Parts['hooks'],
  };
}

export function createLoader(parts: Parts = partsWith()): ConfigLoader {
  return createConfigLoader(parts);
}

export interface MountedRoutes {
  readonly public: readonly Route[];
  readonly admin: readonly Route[];
}

/** What outlives a reload of the configuration. */
export interface Services {
  readonly parts: Parts;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: MigratableDatabase;
  readonly pool: HashPool;
  readonly jsonnet: Jsonnet;
  readonly metrics: Metrics;
  readonly ready: Readiness;
  readonly limiter: RateLimiter | undefined;
  /** Certificates to trust beside those of Node, as SSL_CERT_FILE names them. */
  readonly certificateFile: string | undefined;
  /** Stands in where the configuration has no secrets: made for this process, so that nothing falls back to a known one. */
  readonly ownSecret: string;
}

export interface Composition {
  readonly publicPort: Port;
  readonly adminPort: Port;
  /** Measurements and nothing else. */
  readonly metricsPort: Port;
  readonly routes: MountedRoutes;
  readonly courier: WorkerSettings;
  readonly publicUrl: string;
  readonly adminUrl: string;
}

/** Configuration and services -> two ports. A reload makes another one over the same services. */
export async function compose(loaded: LoadedConfig, services: Services): Promise<Composition> {
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
  const site = siteOf(config, publicUrl);
  await refuseBrokenTemplates(config, { site, publicUrl, log });
  const composer = createComposer({
    config,
    clock,
    log,
    fetchText: (url) => outbound.request(url, TEMPLATE_REQUEST),
    site,
  });
  const hasSms = config.courier.channels.some(({ id }) => id === 'sms');
  const methods = bindMethods(config, services.parts, {
    clock,
    database,
    hasher: createHasher({ ...algorithm, pool: services.pool }),
    outbound,
    maxPasswordBytes: maxPasswordBytes(algorithm),
    concealsAccounts: settings.concealsAccounts,
    publicUrl,
    compose: composer.compose,
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
      hasSms,
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
    hooks: createHookBook(config, services.parts.hooks),
    settings,
    composeNotice: (draft) =>
      composer.compose(draft).catch((error: unknown) => {
        log.error('a notice could not be made', { error, template: draft.templateName });
        return undefined;
      }),
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
  const mailbox = mailboxUrl(config, publicUrl);
  const pages = createPages({
    flow,
    look,
    hasSms,
    ...(mailbox === undefined ? {} : { mailboxUrl: mailbox }),
  });
  const imageOrigins = logo_url ? [new URL(logo_url, publicUrl).origin] : [];
  const inbox =
    mailbox === undefined
      ? undefined
      : createInbox({
          messages: database.stores.messages,
          html: composer.html,
          clock,
          frame: pages.frame,
          path: MAILBOX_PATH,
        });
  const routes: MountedRoutes = {
    public: [
      ...publicHealthRoutes(services),
      ...sessionRoutes({ flow, cookies }),
      ...flowRoutes({ flow, cookies, responder }),
      ...methodRoutes({ flow, cookies, responder }),
      ...publicDataRoutes({ schemas, database, settingsUrl: settings.uiUrl.settings }),
      ...pageRoutes({
        pages: [...pages.routes, ...(inbox?.assets ?? [])],
        cookies,
        responder,
        imageOrigins,
      }),
      ...(inbox && mailbox !== undefined
        ? devInboxRoutes({
            inbox,
            path: MAILBOX_PATH,
            url: mailbox,
            pageHeaders: pageHeaders(imageOrigins),
          })
        : []),
      ...redirectsToAdmin(adminUrl),
    ],
    admin: [
      // Before the routes with parameters: /sessions/whoami is nobody's session.
      ...redirectsToPublic(publicUrl),
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
      ...adminRecoveryRoutes({ flow }),
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
      ...adminCourierRoutes({
        clock,
        messages: database.stores.messages,
        pageSealer: pageSealer('messages'),
        showsTexts: config.dev,
      }),
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
    courier: courierSettings(config, { ...services, outbound, html: composer.html }),
    publicPort: createPort({
      ...portOptions('public'),
      publicRules: {
        cors: createCors(config.serve.public.cors),
        csrfCookie: cookies.csrf,
        limiter: services.limiter,
      },
    }),
    adminPort: createPort({ ...portOptions('admin'), pathPrefix: '/admin' }),
    metricsPort: createPort({
      ...portOptions('admin'),
      routes: routes.admin.filter(({ path }) => path === METRICS_PATH),
      pathPrefix: '/admin',
    }),
  };
}

/** Throws ConfigError. Templates of other services are read when they are needed, so that starting needs none of them. */
async function refuseBrokenTemplates(
  config: Config,
  of: { readonly site: Site; readonly publicUrl: string; readonly log: Log },
): Promise<void> {
  const findings = await checkTemplates(config, of);
  for (const { reason } of findings.filter(({ isCertain }) => !isCertain))
    of.log.warn('a template fails with sample data', { reason });
  const faults = findings.filter(({ isCertain }) => isCertain);
  if (faults.length === 0) return;
  throw new ConfigError(faults.map(({ path, reason }) => ({ key: path.join('.'), reason })));
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

function bindMethods(config: Config, { methods }: Parts, deps: MethodDeps): readonly BoundMethod[] {
  return [...methods]
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
