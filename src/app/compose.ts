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
import { flowSettings } from '../flow/flow-settings.ts';
import { createHookBook } from '../flow/hook/hook-book.ts';
import { createLoginRequestProvider } from '../flow/oauth2/login-request-provider.ts';
import { budgetSettings, createBudget } from '../flow/secret/budget.ts';
import { newCsrfToken } from '../form/csrf-token.ts';
import { createHasher, maxPasswordBytes } from '../hash/hasher.ts';
import { hashAlgorithm } from '../hash/hasher-settings.ts';
import { createNetworks } from '../http/guard/client-address.ts';
import { createCookies } from '../http/guard/cookies.ts';
import { createCors } from '../http/guard/cors.ts';
import { createForeignPageGuard } from '../http/guard/foreign-page.ts';
import { createRequestAddress } from '../http/guard/request-address.ts';
import { trustedProxies } from '../http/guard/trusted-proxies.ts';
import { createRequestLog } from '../http/observe/request-log.ts';
import { baseUrl } from '../http/port/addresses.ts';
import { type Answered, createPort, type Port, type PortOptions } from '../http/port/port.ts';
import { createResponder } from '../http/port/respond.ts';
import { METRICS_PATH } from '../http/routes/health.ts';
import { createSealer, type Sealer } from '../lib/cipher.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { createOwnOrigins } from '../lib/own-origins.ts';
import { asBase } from '../lib/url.ts';
import { localesOf } from '../locale/configured.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { bindMethods } from './parts.ts';
import { type MountedRoutes, mountRoutes } from './routes.ts';
import type { Services } from './shared-services.ts';

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
  const { clock, database, log } = services;
  const { rate_limits } = config.serve.public;
  const outbound = createOutbound({
    disallowPrivate: config.clients.http.disallow_private_ip_ranges,
    privateExceptions: config.clients.http.private_ip_exception_urls,
    certificateFile: services.certificateFile,
  });
  const schemas = await openSchemas(config, { clock, outbound });
  const keyed = ({ path, reason }: Finding): ConfigFault => ({ key: path.join('.'), reason });
  for (const fault of placedSchemaFaults(config, schemas.failures(), keyed)) {
    log.error('an identity schema cannot be used', { reason: faultToText(fault) });
  }
  const publicUrl = asBase(baseUrl(config, 'public'));
  const adminUrl = asBase(baseUrl(config, 'admin'));
  const secrets = secretsOf(config, services);
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
    clock,
    settings: budgetSettings(config, createNetworks(rate_limits.exempt_networks)),
  });
  const sealerFor = (purpose: string): Sealer => createSealer(secrets.cipher, purpose);
  const { jsonnet } = services;
  const methods = bindMethods(config, services.parts, {
    clock,
    database,
    hasher: createHasher({ ...algorithm, pool: services.pool }),
    outbound,
    jsonnet,
    log,
    schemas,
    sealerFor: (method) => sealerFor(`credential ${method}`),
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
  const flow: FlowDeps = {
    clock,
    database,
    schemas,
    methods,
    absentMethods: services.parts.absentMethods,
    hooks: createHookBook(config, services.parts.hooks, {
      clock,
      log,
      outbound,
      jsonnet,
      composeNotice,
      publicUrl,
      features: { refusesUnverifiedOnForm: config.feature_flags.legacy_require_verified_login_error },
      sealerFor: (hook) => sealerFor(`hook ${hook}`),
    }),
    settings,
    composeNotice,
    loginRequests: config.oauth2_provider?.url
      ? createLoginRequestProvider({ ...config.oauth2_provider, url: config.oauth2_provider.url, outbound })
      : undefined,
    sealer: createSealer(secrets.cookie, 'parked submission'),
    memorySealer: createSealer(secrets.cookie, 'method memory'),
    stateSealer: createSealer(secrets.cookie, 'state'),
    budget,
    log,
    handOver: (outcome, from) => handOver(flow, outcome, from),
  };
  const cookies = createCookies(config, {
    sealer: createSealer(secrets.cookie, 'cookie'),
    publicUrl: baseUrl(config, 'public'),
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
    onFailure: (error, { requestId }) => log.error('a request failed', { error, request_id: requestId }),
  });
  const guard = createForeignPageGuard(adminUrl, config.serve.admin.allowed_origins);
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
    adminPort: createPort({ ...portOptions('admin'), guard, pathPrefix: '/admin' }),
    metricsPort: createPort({
      ...portOptions('admin'),
      guard,
      routes: routes.admin.filter(({ path }) => path === METRICS_PATH),
      pathPrefix: '/admin',
    }),
  };
}

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
  { log, metrics }: Services,
): (answered: Answered) => void {
  const write = createRequestLog({
    log,
    port,
    leavesHealthOut: config.serve[port].request_log.disable_for_health,
  });
  return (answered) => {
    const { context, endpoint, status, tookMs, responseBytes } = answered;
    metrics.countRequest({ endpoint, method: context.method, status, tookMs, responseBytes });
    write(answered);
  };
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
    // What was sealed before there were secrets for this alone still opens.
    cipher: [...(secrets.cipher ?? []), ...general],
    pagination: secrets.pagination?.length ? secrets.pagination : general,
  };
}
