// The composition of one configuration: settings -> methods, hooks and flows -> two ports. A reload makes another one.

import { ConfigError, type ConfigFault, type Finding, faultToText } from '../config/fault.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { placedSchemaFaults } from '../config/schema-places.ts';
import { openSchemas } from '../config/schema-sources.ts';
import { courierSettings } from '../courier/send/courier.ts';
import type { WorkerSettings } from '../courier/send/worker.ts';
import { createComposer } from '../courier/write/composer.ts';
import { type Site, siteOf } from '../courier/write/site.ts';
import { checkTemplates } from '../courier/write/template-check.ts';
import { TEMPLATE_REQUEST } from '../courier/write/template-files.ts';
import type { FlowDeps } from '../flow/deps.ts';
import { handOver } from '../flow/engine/hand-over.ts';
import { withSealedForms } from '../flow/engine/sealed-forms.ts';
import { flowSettings } from '../flow/flow-settings.ts';
import { createHooks } from '../flow/hook/hook-book.ts';
import { createLoginRequestProvider } from '../flow/oauth2/login-request-provider.ts';
import { budgetSettings, createBudget } from '../flow/secret/budget.ts';
import { newCsrfToken } from '../form/csrf-token.ts';
import { createHasher, maxPasswordBytes } from '../hash/hasher.ts';
import { hashAlgorithm } from '../hash/hasher-settings.ts';
import { createNetworks } from '../http/guard/client-address.ts';
import { createCookies } from '../http/guard/cookies.ts';
import { createCors } from '../http/guard/cors.ts';
import { createForeignPageGuard } from '../http/guard/foreign-page.ts';
import { createKratosCookies, type KratosCookies } from '../http/guard/kratos-cookie.ts';
import { createRequestAddress } from '../http/guard/request-address.ts';
import { trustedProxies } from '../http/guard/trusted-proxies.ts';
import { createRequestLog } from '../http/observe/request-log.ts';
import { baseUrl } from '../http/port/addresses.ts';
import { type Answered, createPort, type Port, type PortOptions } from '../http/port/port.ts';
import { createResponder } from '../http/port/respond.ts';
import { createReadiness, METRICS_PATH } from '../http/routes/health.ts';
import type { CredentialRules } from '../identity/admin/administration.ts';
import { createSealer, type Sealer } from '../lib/cipher.ts';
import type { Clock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { createOwnOrigins } from '../lib/own-origins.ts';
import { asBase } from '../lib/url.ts';
import { localesOf } from '../locale/configured.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { SOURCE_LIMIT_BYTES } from '../outbound/source.ts';
import type { OutboxSettings } from '../outbox/worker.ts';
import { createTokenizer } from '../session/tokenizer.ts';
import { isReadOnlyRefusal } from '../store/read-only.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { exemptClients } from './exempt-clients.ts';
import { bindMethods } from './parts.ts';
import { type MountedRoutes, mountRoutes } from './routes.ts';
import { credentialPurpose, hookPurpose, secretsInForce } from './secrets-in-force.ts';
import type { Services } from './shared-services.ts';

export interface Composition {
  readonly publicPort: Port;
  readonly adminPort: Port;
  /** Measurements and nothing else. */
  readonly metricsPort: Port;
  readonly routes: MountedRoutes;
  readonly courier: WorkerSettings;
  readonly outbox: OutboxSettings;
  /** Whether some process has to deliver what hooks queue. */
  readonly mayQueueEvents: boolean;
  readonly credentialRules: readonly CredentialRules[];
  readonly publicUrl: string;
  readonly adminUrl: string;
}

/** Somebody waits for the token: a source that takes longer is as good as away. */
const TOKEN_SOURCE_REQUEST = { redirects: 3, timeoutMs: 5_000, maxBytes: SOURCE_LIMIT_BYTES };

/** Configuration and services -> two ports. A reload makes another one over the same services. */
export async function compose(loaded: LoadedConfig, shared: Services): Promise<Composition> {
  const { config } = loaded;
  const services = config.serve.read_only ? readOnlyServices(shared) : shared;
  const { clock, database, log } = services;
  const plainOutbound = createOutbound({
    disallowPrivate: config.clients.http.disallow_private_ip_ranges,
    privateExceptions: config.clients.http.private_ip_exception_urls,
    certificateFile: services.certificateFile,
    proxyEnv: services.proxyEnv,
  });
  const outbound = services.tracing?.outbound(plainOutbound) ?? plainOutbound;
  const schemas = await openSchemas(config, { clock, outbound });
  const keyed = ({ path, reason }: Finding): ConfigFault => ({ key: path.join('.'), reason });
  for (const fault of placedSchemaFaults(config, schemas.failures(), keyed)) {
    log.error('an identity schema cannot be used', { reason: faultToText(fault) });
  }
  const publicUrl = asBase(baseUrl(config, 'public'));
  const adminUrl = asBase(baseUrl(config, 'admin'));
  if (!config.secrets.default?.length && !config.secrets.cookie?.length) {
    log.warn(
      'secrets.default is not set: sessions and links end with this process, and other nodes cannot read them',
    );
  }
  const secrets = secretsInForce(config, services.ownSecret);
  const settings = flowSettings(config, { publicUrl, secrets: secrets.cookie });
  const algorithm = hashAlgorithm(config);
  const site = siteOf(config, publicUrl);
  const origins = createOwnOrigins(publicUrl, [
    ...Object.values(settings.uiUrl),
    ...settings.allowedReturnUrls,
  ]);
  await refuseBrokenTemplates(config, { site, publicUrl, log });
  const locales = localesOf(config);
  const composer = createComposer({
    config,
    locales,
    clock,
    log,
    fetchText: (url) => outbound.request(url, TEMPLATE_REQUEST),
    site,
    ownAddress: origins.ownAddress,
  });
  const hasSms = config.courier.channels.some(({ id }) => id === 'sms');
  const budget = createBudget({
    counters: database.stores.counters,
    identities: database.stores.identities,
    clock,
    settings: budgetSettings(config, exemptClients(config)),
  });
  const sealerFor = (purpose: string): Sealer => createSealer(secrets.cipher, purpose);
  const { jsonnet } = services;
  const flowDatabase = withSealedForms(database, createSealer(secrets.cookie, 'form'));
  const methods = bindMethods(config, services.parts, {
    clock,
    database: flowDatabase,
    hasher: createHasher({ ...algorithm, pool: services.pool }),
    outbound,
    jsonnet,
    log,
    schemas,
    sealerFor: (method) => sealerFor(credentialPurpose(method)),
    maxPasswordBytes: maxPasswordBytes(algorithm),
    concealsAccounts: settings.concealsAccounts,
    publicUrl,
    compose: composer.compose,
    budget,
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
    loginUrl: settings.uiUrl.login,
    isRegistrationOpen: settings.isRegistrationOpen,
    claimsMappers: services.parts.claimsMappers,
    loginStyle: settings.loginStyle,
    registrationStyle: settings.registrationStyle,
  });
  const composeNotice: FlowDeps['composeNotice'] = (draft) =>
    composer.compose(draft).catch((error: unknown) => {
      log.error('a notice could not be made', { error, template: draft.templateName });
      return undefined;
    });
  const hooks = createHooks(config, services.parts.hooks, {
    clock,
    log,
    outbound,
    jsonnet,
    bodies: services.parts.hookBodies,
    composeNotice,
    publicUrl,
    features: { refusesUnverifiedOnForm: config.feature_flags.legacy_require_verified_login_error },
    sealerFor: (hook) => sealerFor(hookPurpose(hook)),
  });
  const flow: FlowDeps = {
    clock,
    database: flowDatabase,
    schemas,
    methods,
    absentMethods: services.parts.absentMethods,
    hooks: hooks.book,
    settings,
    composeNotice,
    loginRequests: config.oauth2_provider?.url
      ? createLoginRequestProvider({ ...config.oauth2_provider, url: config.oauth2_provider.url, outbound })
      : undefined,
    sealer: createSealer(secrets.cookie, 'parked submission'),
    memorySealer: createSealer(secrets.cookie, 'method memory'),
    knownDeviceSealer: createSealer(secrets.cookie, 'known device link'),
    stateSealer: createSealer(secrets.cookie, 'state'),
    budget,
    log,
    handOver: (outcome, from) => handOver(flow, outcome, from),
  };
  const cookies = createCookies(config, {
    sealer: createSealer(secrets.cookie, 'cookie'),
    newestSealer: createSealer(secrets.cookie.slice(0, 1), 'cookie'),
    deviceSealer: createSealer(secrets.cookie, 'known device'),
    nowMs: () => clock.nowMs(),
    publicUrl: baseUrl(config, 'public'),
    kratos: kratosCookies(config, { clock, secrets: secrets.kratosCookie }),
  });
  const responder = createResponder({
    cookies,
    locales,
    publicUrl,
    uiUrl: settings.uiUrl,
    nowMs: () => clock.nowMs(),
    keepError: async (error) => {
      const id = newUuid();
      await database.stores.errors.insert({ id, error, createdAtMs: clock.nowMs() });
      return id;
    },
  });
  const routes = mountRoutes(loaded, services, {
    flow,
    locales,
    composer,
    cookies,
    responder,
    hasSms,
    publicUrl,
    adminUrl,
    paginationKeys: secrets.pagination,
    tokenizer: createTokenizer({
      templates: config.session.whoami.tokenizer.templates,
      issuer: publicUrl,
      clock,
      jsonnet: services.jsonnet,
      fetchText: (url) => outbound.request(url, TOKEN_SOURCE_REQUEST),
    }),
  });
  const portOptions = (port: 'public' | 'admin'): PortOptions => ({
    routes: routes[port],
    context: {
      csrfCookieName: cookies.csrfName,
      forwardedHeaderNames: config.clients.web_hook.header_allowlist,
      isTrusted: createNetworks(trustedProxies(config)),
      isTls: config.serve[port].tls !== undefined,
      maxBodyBytes: port === 'public' ? config.serve.public.max_body_size : ADMIN_BODY_BYTES,
      fallbackHost: new URL(port === 'public' ? publicUrl : adminUrl).host,
      newCsrfToken,
      ...(port === 'public' ? { addressOf: createRequestAddress(publicUrl, origins) } : {}),
      onUnbelieved: services.onUnbelievedProxy,
      hidesBrowser: services.hidesBrowser,
    },
    isUnavailable,
    onAnswered: observer(config, port, services),
    onFailure: (error, { requestId }) => {
      if (!isReadOnlyRefusal(error)) log.error('a request failed', { error, request_id: requestId });
    },
  });
  const guard = createForeignPageGuard(adminUrl, config.serve.admin.allowed_origins);
  return {
    publicUrl,
    adminUrl,
    routes,
    outbox: {
      deliver: hooks.deliver,
      lookEveryMs: config.courier.worker.pull_wait,
      giveUpAfterMs: config.clients.web_hook.give_up_after,
    },
    mayQueueEvents: hooks.mayQueue,
    credentialRules: methods,
    courier: courierSettings(config, { ...services, outbound, html: composer.html }),
    publicPort: createPort({
      ...portOptions('public'),
      publicRules: {
        cors: createCors(config.serve.public.cors),
        csrfCookie: cookies.csrf,
        limiter: services.limiter,
      },
    }),
    adminPort: createPort({ ...portOptions('admin'), guard, pathPrefix: '/admin' }),
    metricsPort: createPort({
      ...portOptions('admin'),
      guard,
      routes: routes.admin.filter(({ path }) => path === METRICS_PATH),
      pathPrefix: '/admin',
    }),
  };
}

/** Requests read and do not write. It is ready where the database can be read: migrations may be pending just now. */
function readOnlyServices(services: Services): Services {
  const database = services.database.readOnly();
  const ready = createReadiness({ check: database.check, clock: services.clock });
  services.log.warn('serve.read_only: whatever would write is answered with 503');
  return { ...services, database, ready };
}

/** Undefined where such cookies are not taken. Cookies without an age of their own are taken for a month, as by Kratos. */
function kratosCookies(
  { session: { cookie, lifespan } }: Config,
  of: { readonly clock: Clock; readonly secrets: readonly string[] },
): KratosCookies | undefined {
  if (!cookie.accepts_kratos) return undefined;
  const maxAgeMs = cookie.persistent ? lifespan : MONTH_MS;
  return createKratosCookies({ ...of, name: cookie.name, maxAgeMs });
}

const MONTH_MS = 30 * 24 * 60 * 60_000;

/** A batch of a thousand identities with what belongs to them (docs/protocol/http.md section 8). */
const ADMIN_BODY_BYTES = 5 * 1024 * 1024;

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
  { log, metrics, tracing }: Services,
): (answered: Answered) => void {
  const write = createRequestLog({
    log,
    port,
    leavesHealthOut: config.serve[port].request_log.disable_for_health,
  });
  return (answered) => {
    const { context, endpoint, status, tookMs, responseBytes } = answered;
    metrics.countRequest({ endpoint, method: context.method, status, tookMs, responseBytes });
    tracing?.answered(answered);
    write(answered);
  };
}
