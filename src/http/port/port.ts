// One port: request -> facts -> rules that hold for every request, in one order -> route -> response.
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import { ApiError } from '../../protocol/api-error.ts';
import { unavailable } from '../../protocol/refusals.ts';
import type { Peer } from '../guard/client-address.ts';
import type { Cors } from '../guard/cors.ts';
import { type CsrfRule, checkCsrf, csrfRule } from '../guard/csrf.ts';
import type { Guard } from '../guard/foreign-page.ts';
import { errorAnswer, type HttpAnswer, redirectAnswer, type SentAnswer, textAnswer } from './answer.ts';
import { type ContextOptions, createContext, type HttpContext, targetOf } from './context.ts';
import type { IncomingRequest } from './incoming.ts';
import type { RateBucket, Route } from './route.ts';

export interface RateLimiter {
  readonly take: (
    clientIp: string,
    bucket: RateBucket,
  ) => { readonly headers: Readonly<Record<string, string>>; readonly refusal?: ApiError };
}

/** What was answered, for log and metrics. */
export interface Answered {
  readonly context: HttpContext;
  /** Path of the route with its parameters as names; `unmatched` where there was none. */
  readonly endpoint: string;
  readonly status: number;
  readonly tookMs: number;
  readonly responseBytes: number;
}

/** What only the public port does. */
export interface PublicRules {
  readonly cors: Cors | undefined;
  /** The Set-Cookie line of a new anti-CSRF token. */
  readonly csrfCookie: (token: string) => string;
  readonly limiter: RateLimiter | undefined;
}

export interface PortOptions {
  readonly routes: readonly Route[];
  readonly context: Omit<ContextOptions, 'peer'>;
  /** Absent on the admin port: neither browsers nor strangers reach it. */
  readonly publicRules?: PublicRules;
  /** What may not pass at all, before anything is looked at. */
  readonly guard?: Guard;
  /** Put before paths that lack it, such as `/admin`. */
  readonly pathPrefix?: string;
  readonly onAnswered: (answered: Answered) => void;
  /** True for failures of what everything needs, such as the database: those who ask are to come again. */
  readonly isUnavailable: (error: unknown) => boolean;
  /** Told of our own mistakes and of refusals that have an inner cause. */
  readonly onFailure: (error: unknown, context: HttpContext) => void;
}

/** What is to be sent; answer.ts makes a Response of it. */
export type Port = (request: IncomingRequest, peer: Peer) => Promise<SentAnswer>;

export function createPort(options: PortOptions): Port {
  const find = createRouter(options.routes);
  return async (request, peer) => {
    const startedAt = performance.now();
    const target = targetOf(request.target);
    const found = find(request.method, prefixed(target.path, options.pathPrefix));
    const context = createContext(request, { ...options.context, peer }, { ...target, params: found.params });
    const rule = options.publicRules ? found.csrfRule : 'disabled';
    const { answer, limitHeaders } = await answerTo(context, { found, rule }, options);
    const sent = toSent(answer, { context, rule, limitHeaders }, options.publicRules);
    options.onAnswered({
      context,
      endpoint: found.kind === 'route' ? found.route.path : 'unmatched',
      status: answer.status,
      tookMs: performance.now() - startedAt,
      responseBytes: answer.body?.length ?? 0,
    });
    return sent;
  };
}

type Params = Readonly<Record<string, string>>;

type Found = (
  | { readonly kind: 'route'; readonly route: Route; readonly params: Params }
  | { readonly kind: 'other-methods'; readonly allowed: readonly string[]; readonly params: Params }
  | { readonly kind: 'nothing'; readonly params: Params }
) & { readonly csrfRule: CsrfRule };

const NO_PARAMS: Params = {};

function createRouter(routes: readonly Route[]): (method: string, path: string) => Found {
  const router = new SmartRouter<Route>({ routers: [new RegExpRouter(), new TrieRouter()] });
  for (const route of routes) router.add(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), route);
  // Most requests go to a path without parameters: those need no search.
  const plain = new Map<string, Map<string, Found>>();
  for (const route of routes) {
    const { method, path } = route;
    const byPath = plain.get(method) ?? new Map<string, Found>();
    plain.set(method, byPath);
    if (path.includes('{') || byPath.has(path)) continue;
    byPath.set(path, { kind: 'route', route, params: NO_PARAMS, csrfRule: ruleOf(route, path) });
  }
  const methods = [...new Set(routes.map((route) => route.method))].sort();
  const match = (method: string, path: string): Found | undefined => {
    const [handlers, stash] = router.match(method, path);
    const [first] = handlers;
    if (!first) return undefined;
    const [route, indexes] = first;
    const params: Record<string, string> = {};
    for (const [name, at] of Object.entries(indexes)) {
      const raw = typeof at === 'number' ? stash?.[at] : at;
      if (raw !== undefined) params[name] = decodeSegment(raw);
    }
    return { kind: 'route', route, params, csrfRule: ruleOf(route, path) };
  };
  return (sentMethod, path) => {
    const method = sentMethod === 'HEAD' ? 'GET' : sentMethod;
    const found = plain.get(method)?.get(path) ?? match(method, path);
    if (found) return found;
    const allowed = methods.filter((other) => match(other, path));
    const rest = { params: NO_PARAMS, csrfRule: csrfRule(path) };
    if (allowed.length === 0) return { kind: 'nothing', ...rest };
    return {
      kind: 'other-methods',
      allowed: allowed.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])),
      ...rest,
    };
  };
}

const ruleOf = ({ isCsrfExempt }: Route, path: string): CsrfRule =>
  isCsrfExempt ? 'ignored' : csrfRule(path);

function decodeSegment(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw; // no valid escape: nothing that we made is named so
  }
}

const prefixed = (path: string, prefix: string | undefined): string =>
  prefix === undefined || path === prefix || path.startsWith(`${prefix}/`) ? path : `${prefix}${path}`;

type Headers = Readonly<Record<string, string>>;

/** An answer, and what is left of the client's allowance: refusals tell it too. */
interface Decided {
  readonly answer: HttpAnswer;
  readonly limitHeaders?: Headers | undefined;
}

async function answerTo(
  context: HttpContext,
  { found, rule }: { readonly found: Found; readonly rule: CsrfRule },
  options: PortOptions,
): Promise<Decided> {
  const { publicRules } = options;
  let limitHeaders: Headers | undefined;
  try {
    if (AMBIGUOUS.test(context.path)) return { answer: textAnswer(400, 'Bad Request') };
    const stopped = options.guard?.(context);
    if (stopped) return { answer: errorAnswer(stopped, context.sentRequestId) };
    const preflight = publicRules?.cors?.preflight(context);
    if (preflight) return { answer: preflight };
    if (rule === 'enforced') {
      const refused = await checkCsrf(context);
      if (refused) return { answer: errorAnswer(refused, context.sentRequestId) };
    }
    if (found.kind !== 'route') return { answer: unrouted(context, found) };
    const { route } = found;
    const limit = route.bucket && publicRules?.limiter?.take(context.clientIp, route.bucket);
    limitHeaders = limit?.headers;
    const answer = limit?.refusal
      ? errorAnswer(limit.refusal, context.sentRequestId)
      : await route.handle(context);
    return { answer, limitHeaders };
  } catch (error) {
    return { answer: failureAnswer(error, context, options), limitHeaders };
  }
}

function unrouted(context: HttpContext, found: Exclude<Found, { kind: 'route' }>): HttpAnswer {
  const clean = cleanPath(context.path);
  if (clean !== context.path) {
    const location = `${clean}${context.search === '' ? '' : `?${context.search}`}`;
    return redirectAnswer(307, location, context.method);
  }
  return found.kind === 'nothing'
    ? textAnswer(404, '404 page not found')
    : textAnswer(405, 'Method Not Allowed', { Allow: found.allowed.join(', ') });
}

/**
 * Dots that some servers take for a step up and others for a name: `..;`, and those beside an encoded slash. A proxy that
 * reads such a path differently would let requests through that it is there to stop, and redirects would lead elsewhere.
 */
const AMBIGUOUS = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:;|%3b|%2f|%5c)|(?:%2f|%5c)(?:\.|%2e){1,2}(?:\/|$)/i;

/** Without empty and dotted segments: the same place has one address (docs/protocol/http.md 0.3). */
function cleanPath(path: string): string {
  if (!/\/\/|\/\.{1,2}(?:\/|$)/.test(path)) return path;
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') out.pop();
    else if (segment !== '' && segment !== '.') out.push(segment);
  }
  return `/${out.join('/')}${path.endsWith('/') && out.length > 0 ? '/' : ''}`;
}

function failureAnswer(error: unknown, context: HttpContext, options: PortOptions): HttpAnswer {
  if (error instanceof ApiError) {
    if (error.cause !== undefined || error.status >= 500) options.onFailure(error, context);
    return errorAnswer(error, context.sentRequestId);
  }
  options.onFailure(error, context);
  if (options.isUnavailable(error)) return errorAnswer(unavailable(error), context.sentRequestId);
  // What went wrong inside stays inside: the log has it under the request's id.
  return errorAnswer(
    new ApiError({
      status: 500,
      reason: `Please try again. The log has details under ${context.requestId}.`,
    }),
    context.sentRequestId,
  );
}

const NO_CACHE = 'private, no-cache, no-store, must-revalidate';

/** What every answer carries beside its own. */
function toSent(
  answer: HttpAnswer,
  {
    context,
    rule,
    limitHeaders,
  }: {
    readonly context: HttpContext;
    readonly rule: CsrfRule;
    readonly limitHeaders: Headers | undefined;
  },
  publicRules: PublicRules | undefined,
): SentAnswer {
  const headers: string[] = [];
  addHeaders(headers, answer.headers);
  if (limitHeaders) addHeaders(headers, limitHeaders);
  if (context.method === 'GET' && !('Cache-Control' in answer.headers))
    headers.push('Cache-Control', NO_CACHE);
  // Before the cookies of the answer: there are clients that keep the last line only, and the session's is among those.
  if (publicRules) addPublicHeaders(headers, answer, { context, rule }, publicRules);
  for (const cookie of answer.cookies ?? []) headers.push('Set-Cookie', cookie);
  if (context.sentRequestId) headers.push('X-Request-ID', context.sentRequestId);
  return { status: answer.status, headers, body: context.method === 'HEAD' ? undefined : answer.body };
}

function addHeaders(headers: string[], more: Headers): void {
  for (const [name, value] of Object.entries(more)) headers.push(name, value);
}

function addPublicHeaders(
  headers: string[],
  answer: HttpAnswer,
  { context, rule }: { readonly context: HttpContext; readonly rule: CsrfRule },
  { cors, csrfCookie }: PublicRules,
): void {
  const isPreflight = 'Vary' in answer.headers;
  if (isPreflight) return;
  if (cors) addHeaders(headers, cors.headers(context));
  if (rule === 'disabled') return;
  headers.push('Vary', 'Cookie');
  const isSetAlready = (answer.cookies ?? []).some((cookie) => cookie.startsWith('csrf_token_'));
  if (rule === 'enforced' && !context.csrf.isFromCookie && !isSetAlready) {
    headers.push('Set-Cookie', csrfCookie(context.csrf.token));
  }
}
