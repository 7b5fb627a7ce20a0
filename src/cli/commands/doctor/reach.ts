// What a browser would meet: does the public address lead here, do cookies come and go, and are the clocks right?
import { isJsonObject, type JsonObject } from '../../../lib/json.ts';
import { type Outbound, OutboundError, type OutboundResponse } from '../../../outbound/outbound.ts';
import { type Check, fault, ok, warning } from './check.ts';

export interface ReachOptions {
  readonly outbound: Pick<Outbound, 'request'>;
  /** Ending in a slash. */
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly version: string;
  readonly nowMs: () => number;
}

export async function reachChecks(options: ReachOptions): Promise<readonly Check[]> {
  return [...(await adminChecks(options)), ...(await publicChecks(options))];
}

const ADMIN = 'admin port';

async function adminChecks({ outbound, adminUrl, version }: ReachOptions): Promise<readonly Check[]> {
  const address = (path: string): string => `${adminUrl.replace(/\/$/, '')}${path}`;
  const ready = await asked(outbound, address('/admin/health/ready'));
  if (typeof ready === 'string') {
    return [
      fault(
        ADMIN,
        `${adminUrl} cannot be reached: ${ready}`,
        'is the server running? name its admin address with -e',
      ),
    ];
  }
  if (ready.status !== 200) {
    const error = jsonOf(ready)?.['error'];
    const reason = isJsonObject(error) ? String(error['message']) : `it answers ${ready.status}`;
    return [fault(ADMIN, `the server is not ready: ${reason}`, 'see its log')];
  }
  const answer = await asked(outbound, address('/admin/version'));
  const running = typeof answer === 'string' ? undefined : jsonOf(answer)?.['version'];
  if (running === version) return [ok(ADMIN, `the server runs version ${version} and is ready`)];
  return [
    warning(
      ADMIN,
      `the server runs version ${String(running)}, this program is ${version}`,
      'run the doctor of the same version',
    ),
  ];
}

const PUBLIC = 'public address';
const COOKIES = 'cookies';
/** Codes of authenticator apps are good for half a minute. */
const CLOCK_LIMIT_MS = 5_000;

async function publicChecks(options: ReachOptions): Promise<readonly Check[]> {
  const { outbound, publicUrl, nowMs } = options;
  const sentAtMs = nowMs();
  const started = await asked(outbound, `${publicUrl}self-service/login/browser`);
  if (typeof started === 'string') {
    return [
      fault(
        PUBLIC,
        `${publicUrl} cannot be reached: ${started}`,
        'does serve.public.base_url name the proxy, and does its name lead there from this machine?',
      ),
    ];
  }
  const flow = jsonOf(started);
  const { id, ui, request_url: requestUrl } = flow ?? {};
  const action = isJsonObject(ui) ? ui['action'] : undefined;
  if (typeof id !== 'string' || typeof action !== 'string' || typeof requestUrl !== 'string') {
    return [
      fault(
        PUBLIC,
        `${publicUrl} answers ${started.status} where a login should begin`,
        'the proxy must hand on every path below serve.public.base_url to the public port',
      ),
    ];
  }
  return [
    addressCheck({ publicUrl, action, requestUrl }),
    ...(await cookieChecks(options, { started, id })),
    clockCheck(started, { sentAtMs, nowMs: nowMs() }),
  ];
}

function addressCheck(of: {
  readonly publicUrl: string;
  readonly action: string;
  readonly requestUrl: string;
}): Check {
  const { publicUrl, action, requestUrl } = of;
  const wanted = new URL(publicUrl).origin;
  const other = [action, requestUrl].find((url) => URL.parse(url)?.origin !== wanted);
  if (other === undefined) return ok(PUBLIC, `${publicUrl} leads here, and forms are sent back to it`);
  return fault(
    PUBLIC,
    `asked at ${publicUrl}, the server takes itself to be at ${URL.parse(other)?.origin ?? other}`,
    'set serve.public.base_url to the address of the proxy; let the proxy set Host or X-Forwarded-Host and X-Forwarded-Proto, and name it in serve.public.rate_limits.trusted_proxies',
  );
}

async function cookieChecks(
  { outbound, publicUrl }: ReachOptions,
  { started, id }: { readonly started: OutboundResponse; readonly id: string },
): Promise<readonly Check[]> {
  const line = started.headers.getSetCookie().find((cookie) => cookie.startsWith('csrf_token_'));
  if (line === undefined) {
    return [fault(COOKIES, 'no cookie comes with a login', 'the proxy must let Set-Cookie through')];
  }
  const { protocol, hostname, pathname } = new URL(publicUrl);
  const attributes = attributesOf(line);
  const domain = attributes.get('domain')?.replace(/^\./, '');
  const path = attributes.get('path') ?? '/';
  if (attributes.has('secure') && protocol === 'http:') {
    const advice = 'use https, or start with --dev while you develop';
    return [
      fault(
        COOKIES,
        'they are for https only, and the public address is http: no browser keeps them',
        advice,
      ),
    ];
  }
  if (domain !== undefined && hostname !== domain && !hostname.endsWith(`.${domain}`)) {
    const advice = 'set cookies.domain to the name of serve.public.base_url, or a domain above it';
    return [fault(COOKIES, `they are for ${domain}, and the public address is ${hostname}`, advice)];
  }
  if (!pathname.startsWith(path.replace(/\/$/, ''))) {
    const advice = 'set cookies.path to / or to the path of serve.public.base_url';
    return [fault(COOKIES, `they are for the path ${path}, and the public address has ${pathname}`, advice)];
  }
  const cookie = line.split(';')[0] ?? '';
  const fetched = await asked(outbound, `${publicUrl}self-service/login/flows?id=${id}`, { Cookie: cookie });
  if (typeof fetched !== 'string' && fetched.status === 200) {
    return [
      ok(COOKIES, 'a browser keeps them, and they come back'),
      ...(attributes.has('secure')
        ? []
        : [warning(COOKIES, 'they also go over http', 'for real people leave out --dev, and use https')]),
    ];
  }
  const status = typeof fetched === 'string' ? fetched : String(fetched.status);
  return [
    fault(
      COOKIES,
      `a login cannot be fetched with the cookie that came with it (${status})`,
      'the proxy must hand on Cookie, and all nodes need the same secrets and the same database',
    ),
  ];
}

const attributesOf = (line: string): ReadonlyMap<string, string> =>
  new Map(
    line
      .split(';')
      .slice(1)
      .map((part) => {
        const [name = '', value = ''] = part.split('=', 2);
        return [name.trim().toLowerCase(), value.trim()] as const;
      }),
  );

function clockCheck(
  { headers }: OutboundResponse,
  of: { readonly sentAtMs: number; readonly nowMs: number },
): Check {
  const theirs = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return warning('clock', 'the answer has no date', 'compare the clocks by hand');
  // Dates of answers have whole seconds.
  const aheadMs = theirs > of.nowMs ? theirs - of.nowMs : Math.min(0, theirs + 1_000 - of.sentAtMs);
  if (Math.abs(aheadMs) <= CLOCK_LIMIT_MS) return ok('clock', 'that of the server agrees with the one here');
  const [much, way] = [Math.round(Math.abs(aheadMs) / 1_000), aheadMs > 0 ? 'ahead' : 'behind'];
  return fault(
    'clock',
    `that of the server is ${much} s ${way} of the one here`,
    'let both be set by NTP: codes of authenticator apps, cookies and tokens depend on it',
  );
}

/** An answer, or what kept it from coming. */
async function asked(
  outbound: ReachOptions['outbound'],
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OutboundResponse | string> {
  try {
    return await outbound.request(url, { headers: { Accept: 'application/json', ...headers } });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const { cause } = error;
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    return `${error.message}${code}`;
  }
}

function jsonOf({ text }: OutboundResponse): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined; // A page of something in between.
  }
}
