// What a flow may know of a request, taken from the facts of the HTTP layer.

import type { KnownDevice } from '../../flow/known-device.ts';
import type { Continuity, FlowRequest } from '../../flow/request.ts';
import { parseRawBody, type RawBody } from '../../form/raw-body.ts';
import { ApiError } from '../../protocol/api-error.ts';
import type { PresentedCredentials } from '../../session/authenticate.ts';
import type { Cookies } from '../guard/cookies.ts';
import { csrfHint } from '../guard/csrf.ts';
import { DEVICE_HEADER } from '../guard/device-tokens.ts';
import type { HttpContext } from './context.ts';

/** Each costs a look into the database; browsers send one for each path and domain that set it. */
const MAX_SESSION_COOKIES = 4;

/** The credentials of a request. A session cookie that cannot be opened counts as none, so that a bearer token still does. */
export function presentedCredentials(context: HttpContext, cookies: Cookies): PresentedCredentials {
  const headerToken = context.header('x-session-token');
  const [cookie, ...moreCookies] = (context.cookies.get(cookies.sessionName) ?? [])
    .slice(0, MAX_SESSION_COOKIES)
    .flatMap((sealed) => cookies.readSession(sealed) ?? []);
  const bearerToken = bearerTokenOf(context.header('authorization'));
  return {
    ...(headerToken ? { headerToken } : {}),
    ...(cookie ? { cookie } : {}),
    ...(moreCookies.length > 0 ? { moreCookies } : {}),
    ...(bearerToken ? { bearerToken } : {}),
  };
}

function bearerTokenOf(authorization: string | undefined): string | undefined {
  const [scheme, token, ...rest] = authorization?.split(' ') ?? [];
  return scheme?.toLowerCase() === 'bearer' && rest.length === 0 ? token : undefined;
}

/** What waits for this browser; nothing where it holds no such cookie, or one that was not made here. */
export function readContinuity(context: HttpContext, cookies: Cookies): Continuity {
  const [sealed] = context.cookies.get(cookies.continuityName) ?? [];
  return sealed === undefined ? {} : cookies.readContinuity(sealed);
}

/** Whose device this is; nobody's where it holds nothing that was made here. */
export function readKnownDevices(context: HttpContext, cookies: Cookies): readonly KnownDevice[] {
  const held = context.csrf.devices || context.header(DEVICE_HEADER.toLowerCase());
  return cookies.devices.read(held || undefined);
}

/** With the body read and parsed; what cannot be read is a value, never an exception. */
export async function toFlowRequest(context: HttpContext, cookies: Cookies): Promise<FlowRequest> {
  return {
    verb: context.method,
    url: context.url,
    query: context.query,
    body: await readRawBody(context),
    client: context.client,
    credentials: presentedCredentials(context, cookies),
    // Made when somebody asks: apps need neither token and browsers seldom both. Each takes 2 µs of randomness.
    get csrfToken() {
      return context.csrf.token;
    },
    get csrfFromCookie() {
      return context.csrf.isFromCookie;
    },
    get nextCsrfToken() {
      return context.nextCsrfToken;
    },
    csrfHint: (hasToken) => csrfHint(context, hasToken),
    origin: context.showsBrowser ? context.header('origin') : undefined,
    cookieNames: context.showsBrowser ? [...context.cookies.keys()] : [],
    get cookies() {
      return Object.fromEntries([...context.cookies].map(([name, [value = '']]) => [name, value]));
    },
    get continuity() {
      return readContinuity(context, cookies);
    },
    get knownDevices() {
      return readKnownDevices(context, cookies);
    },
    get forwardedHeaders() {
      return context.forwardedHeaders;
    },
    device: context.device,
    clientIp: context.clientIp,
    requestId: context.requestId,
  };
}

async function readRawBody(context: HttpContext): Promise<RawBody> {
  const { method, query } = context;
  const contentType = context.header('content-type');
  if (method === 'GET' || method === 'HEAD') {
    return parseRawBody({ method, contentType, bytes: new Uint8Array(), query });
  }
  try {
    return await parseRawBody({ method, contentType, bytes: await context.readBody(), query });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { kind: 'malformed', reason: error.reason ?? error.message };
  }
}
