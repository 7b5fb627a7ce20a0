// A request as plain facts, read lazily: what every route and middleware of ours sees instead of a framework's object.
import { badRequest } from '../base/refusals.ts';
import type { ClientKind, DeviceFacts } from '../flow/request.ts';
import { newUuid } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import { type ClientFacts, clientFacts, type Peer } from './client-address.ts';
import { clientKind } from './client-kind.ts';
import { parseCookies } from './cookies.ts';
import { type CsrfState, readCsrf } from './csrf.ts';

/** Largest body that is read (contract/http.md section 8). */
export const BODY_LIMIT_BYTES = 5 * 1024 * 1024;

export interface HttpContext {
  readonly method: string;
  /** Path as it was routed, without query. */
  readonly path: string;
  /** Query without its question mark. */
  readonly search: string;
  readonly query: URLSearchParams;
  /** Full address as the client wrote it. */
  readonly url: string;
  /** Values of the path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly header: (name: string) => string | undefined;
  readonly cookies: ReadonlyMap<string, readonly string[]>;
  readonly client: ClientKind;
  /** Headers on the operator's allow-list, by canonical name, each as a list of values. */
  readonly forwardedHeaders: JsonObject;
  readonly clientIp: string;
  readonly scheme: 'http' | 'https';
  readonly device: DeviceFacts;
  /** Sent by the client as X-Request-ID, or made here. */
  readonly requestId: string;
  /** The client's own X-Request-ID, which errors repeat. */
  readonly sentRequestId: string | undefined;
  readonly csrf: CsrfState;
  /** The token that takes the place of `csrf.token` when this request signs somebody in or out. */
  readonly nextCsrfToken: string;
  /** The whole body; throws ApiError 400 where it is larger than the limit. Can be asked for more than once. */
  readonly readBody: () => Promise<Uint8Array>;
  /** One field of a urlencoded body, without consuming it. */
  readonly formField: (name: string) => Promise<string | undefined>;
}

export interface ContextOptions {
  readonly peer: Peer;
  readonly csrfCookieName: string;
  /** Names of headers that services of the operator may see. */
  readonly forwardedHeaderNames: readonly string[];
  readonly isTrusted: (address: string) => boolean;
  readonly isTls: boolean;
  /** Host of the configured base address, where the client names none. */
  readonly fallbackHost: string;
  readonly newCsrfToken: () => string;
}

export function createContext(request: Request, options: ContextOptions): HttpContext {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const { path, search } = splitUrl(request.url);
  const facts = once((): ClientFacts => clientFacts(options.peer, { ...options, header }));
  const cookies = once(() => parseCookies(header('cookie')));
  const body = once(() => readLimited(request));
  const sentId = once(() => cleanRequestId(header('x-request-id')));
  const requestId = once(() => sentId() ?? newUuid());
  const csrf = once(() => readCsrf(cookies(), options.csrfCookieName));
  const client = once(() => clientKind(header('accept'), header('content-type')));
  const query = once(() => new URLSearchParams(search));
  const nextCsrfToken = once(options.newCsrfToken);
  const forwardedHeaders = once(() => {
    const sent = options.forwardedHeaderNames.map((name) => [name, header(name)] as const);
    return Object.fromEntries(
      sent.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])),
    );
  });
  const form = once(async () => new URLSearchParams(Buffer.from(await body()).toString('utf8')));
  return {
    method: request.method,
    path,
    search,
    params: {},
    header,
    readBody: body,
    formField: async (name) => {
      const type = header('content-type') ?? '';
      if (!type.startsWith('application/x-www-form-urlencoded')) return undefined;
      return (await form()).get(name) ?? undefined;
    },
    get query() {
      return query();
    },
    get url() {
      return `${facts().scheme}://${facts().host}${path}${search === '' ? '' : `?${search}`}`;
    },
    get cookies() {
      return cookies();
    },
    get client() {
      return client();
    },
    get forwardedHeaders() {
      return forwardedHeaders();
    },
    get clientIp() {
      return facts().ip;
    },
    get scheme() {
      return facts().scheme;
    },
    get device() {
      return facts().device;
    },
    get requestId() {
      return requestId();
    },
    get sentRequestId() {
      return sentId();
    },
    get csrf() {
      return csrf();
    },
    get nextCsrfToken() {
      return nextCsrfToken();
    },
  };
}

/** The same request on a route: with the values of its path's parameters. */
export function withParams(context: HttpContext, params: Readonly<Record<string, string>>): HttpContext {
  return Object.create(context, { params: { value: params } }) as HttpContext; // only `params` is replaced
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function splitUrl(url: string): { readonly path: string; readonly search: string } {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const hash = url.indexOf('#', start);
  const end = hash < 0 ? url.length : hash;
  const mark = url.indexOf('?', start);
  if (start < 0) return { path: '/', search: '' };
  if (mark < 0 || mark > end) return { path: url.slice(start, end), search: '' };
  return { path: url.slice(start, mark), search: url.slice(mark + 1, end) };
}

/** What a client sends goes into logs and answers: printable, and not longer than an id needs to be. */
function cleanRequestId(id: string | undefined): string | undefined {
  return id && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined;
}

async function readLimited(request: Request): Promise<Uint8Array> {
  const tooLarge = () => badRequest('The request body is larger than 5 MiB.');
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT_BYTES) throw tooLarge();
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of request.body) {
    total += chunk.byteLength;
    if (total > BODY_LIMIT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
