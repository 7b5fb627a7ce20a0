// Calls to other services: time, size, retries and redirects are bounded; private networks can be closed off.

import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createConnections,
  type Exchange,
  OutboundError,
  type OutboundResponse,
  type ProxyEnv,
} from './http-exchange.ts';
import { isPrivateAddress, publicLookup, type Resolve } from './private-network.ts';
import { compileUrlGlob } from './url-glob.ts';

export { OutboundError, type OutboundResponse } from './http-exchange.ts';

export interface OutboundRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that differ between tries of the same call. */
  readonly headersOfTry?: () => Readonly<Record<string, string>>;
  readonly body?: string;
  /** For each try. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Further tries after a failed connection, 429 or 5xx except 501. */
  readonly retries?: number;
  /** Redirects to follow; default none: the answer that redirects is handed back. */
  readonly redirects?: number;
}

export interface Outbound {
  /** Throws OutboundError where no answer came in time, it was too large, or the address is closed off. */
  request(url: string, request?: OutboundRequest): Promise<OutboundResponse>;
}

export interface OutboundOptions {
  /** Refuse addresses of loopback and private networks: stops requests forged through configuration or user input. */
  readonly disallowPrivate?: boolean;
  /** URLs that may lead into private networks all the same; patterns as in url-glob.ts. */
  readonly privateExceptions?: readonly string[];
  /** PEM file of certificates to trust beside those of Node, as SSL_CERT_FILE names it. Read once. */
  readonly certificateFile?: string | undefined;
  /**
   * Variables of the environment that name proxies. Where private networks are closed off, the address that is called is
   * looked up here first; what the proxy then connects to is the proxy's to judge.
   */
  readonly proxyEnv?: ProxyEnv | undefined;
  /** Defaults for requests that do not say it themselves. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly retries?: number;
  /** Stand-ins for tests. */
  readonly pause?: (ms: number) => Promise<unknown>;
  readonly resolve?: Resolve;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;
/** Contract/platform.md 3.3: tries stand 1 s apart, then twice as far each time, at most 30 s. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export function createOutbound(options: OutboundOptions = {}): Outbound {
  const extraCertificates = options.certificateFile ? [readFileSync(options.certificateFile, 'utf8')] : [];
  const proxies = proxiesIn(options.proxyEnv);
  const shared = { extraCertificates, proxyEnv: proxies.env };
  // Kept apart: a connection that an exception opened must not serve a request that has none.
  const open = createConnections(shared);
  const publicOnly = publicLookup((host) => closedOff(host), options.resolve);
  const guarded = createConnections({
    ...shared,
    // A proxy may stand in a private network: it is the operator's.
    lookup: (host, of, done) =>
      proxies.hosts.has(host) ? lookup(host, of, done) : publicOnly(host, of, done),
  });
  const exceptions = (options.privateExceptions ?? []).map(compileUrlGlob);
  const pause = options.pause ?? wait;

  function exchange(of: Exchange): Promise<OutboundResponse> {
    const isOpen = !options.disallowPrivate || exceptions.some((fits) => fits(of.url.href));
    if (isOpen) return open.exchange(of);
    // A literal address is connected to without a lookup.
    const host = of.url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host)) return isPrivateAddress(host) ? Promise.reject(closedOff(host)) : guarded.exchange(of);
    return proxies.hosts.size === 0 ? guarded.exchange(of) : checked(host).then(() => guarded.exchange(of));
  }

  /** A proxy looks the name up by itself, so it is looked up here before. */
  const checked = (host: string): Promise<void> =>
    new Promise((resolve, reject) => {
      publicOnly(host, { all: true }, (error) => {
        if (!error) resolve();
        else
          reject(
            error instanceof OutboundError
              ? error
              : new OutboundError('network', `could not reach ${host}`, error),
          );
      });
    });

  /** One try, with the redirects that it may follow. */
  async function tryOnce(url: URL, request: OutboundRequest): Promise<OutboundResponse> {
    let next: Exchange = {
      url,
      method: request.method ?? 'GET',
      // Some services refuse calls that do not say who calls.
      headers: { 'User-Agent': 'bia', ...request.headers, ...request.headersOfTry?.() },
      body: request.body,
      timeoutMs: request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxBytes: request.maxBytes ?? options.maxBytes ?? DEFAULT_MAX_BYTES,
    };
    for (let left = request.redirects ?? 0; ; left -= 1) {
      const response = await exchange(next);
      const followed = left > 0 ? redirected(next, response) : undefined;
      if (!followed) return response;
      next = followed;
    }
  }

  return {
    request: async (address, request = {}) => {
      const url = parseTarget(address);
      const retries = request.retries ?? options.retries ?? 0;
      for (let attempt = 0; ; attempt += 1) {
        const result = await tryOnce(url, request).catch((error: unknown) => error);
        if (attempt >= retries || !isWorthARetry(result)) {
          // What is not a response was caught above and goes on as it came.
          if (isResponse(result)) return result;
          throw result;
        }
        await pause(pauseMs(attempt, isResponse(result) ? result.headers : undefined));
      }
    },
  };
}

const PROXY_VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];

function proxiesIn(env: ProxyEnv = {}): { readonly env: ProxyEnv; readonly hosts: ReadonlySet<string> } {
  const named = PROXY_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  const hosts = named
    .filter(([name]) => !/^no_proxy$/i.test(name))
    .flatMap(([, address]) => URL.parse(address)?.hostname ?? []);
  return { env: Object.fromEntries(named), hosts: new Set(hosts) };
}

const closedOff = (host: string): OutboundError =>
  new OutboundError('forbidden', `${host} is in a private network, which is closed off`);

function parseTarget(address: string): URL {
  const url = URL.parse(address);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new OutboundError('forbidden', 'only http and https addresses can be called');
}

const isResponse = (result: unknown): result is OutboundResponse =>
  typeof result === 'object' && result !== null && !(result instanceof Error) && 'status' in result;

function isWorthARetry(result: unknown): boolean {
  if (isResponse(result)) return result.status === 429 || (result.status >= 500 && result.status !== 501);
  return result instanceof OutboundError && (result.kind === 'network' || result.kind === 'timeout');
}

function pauseMs(attempt: number, headers: Headers | undefined): number {
  const asked = headers ? retryAfterMs(headers) : undefined;
  return Math.min(asked ?? FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

/** Seconds or a date (RFC 9110 section 10.2.3); the date counts from the clock of the service that wrote it. */
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const untilMs = Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(untilMs) ? undefined : Math.max(untilMs, 0);
}

const BODY_HEADERS = new Set(['content-type', 'content-length', 'content-encoding']);

/** The request that a redirect asks for; undefined where it asks for none, or for what we do not do. */
function redirected(from: Exchange, response: OutboundResponse): Exchange | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const url = URL.parse(response.headers.get('location') ?? '', from.url.href);
  const isWeb = url?.protocol === 'https:' || (url?.protocol === 'http:' && from.url.protocol === 'http:');
  // Never from https to http: the body would travel in clear.
  if (!url || !isWeb) return undefined;
  const isElsewhere = url.origin !== from.url.origin;
  const keepsBody = response.status === 307 || response.status === 308;
  // A body and what proves who we are were meant for the first service only.
  if (isElsewhere && keepsBody && from.body !== undefined) return undefined;
  const headers = Object.entries(from.headers).filter(([name]) => {
    const lower = name.toLowerCase();
    return isElsewhere ? lower === 'accept' || lower === 'user-agent' : keepsBody || !BODY_HEADERS.has(lower);
  });
  const isRead = from.method === 'GET' || from.method === 'HEAD';
  return {
    ...from,
    url,
    method: keepsBody || isRead ? from.method : 'GET',
    headers: Object.fromEntries(headers),
    body: keepsBody ? from.body : undefined,
  };
}
