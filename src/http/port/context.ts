// A request as plain facts, read lazily: what every route and middleware of ours sees instead of a framework's object.

import type { ClientKind, DeviceFacts } from '../../flow/request.ts';
import { parseForm, type RawBody } from '../../form/raw-body.ts';
import { newUuid } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { type ClientFacts, clientFacts, type Peer } from '../guard/client-address.ts';
import { clientKind } from '../guard/client-kind.ts';
import { parseCookies } from '../guard/cookies.ts';
import { type CsrfState, readCsrf } from '../guard/csrf.ts';
import type { RequestAddress } from '../guard/request-address.ts';
import type { IncomingRequest } from './incoming.ts';

export interface HttpContext {
  readonly method: string;
  /** Path as it was routed, without query. */
  readonly path: string;
  /** Query without its question mark. */
  readonly search: string;
  readonly query: URLSearchParams;
  /** Full address under which it reached us; its origin is one that may be written to people's browsers. */
  readonly url: string;
  /** Scheme and host as the client wrote them, whatever they are. For judging the request, never for writing to anybody. */
  readonly sentOrigin: string;
  /** Values of the path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** By the name in lower case. */
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
  /** False where a developer wants native apps' flows to work in a browser: then its signs are not looked at. */
  readonly showsBrowser: boolean;
  /** The whole body; throws ApiError 400 where it is larger than the limit. Can be asked for more than once. */
  readonly readBody: () => Promise<Uint8Array>;
  /** One field of a urlencoded body, without consuming it. */
  readonly formField: (name: string) => Promise<string | undefined>;
  /** All fields of a urlencoded body, without consuming it; none of another kind of body. */
  readonly formFields: () => Promise<readonly (readonly [name: string, value: string])[]>;
}

export interface ContextOptions {
  readonly peer: Peer;
  readonly csrfCookieName: string;
  /** Names of headers that services of the operator may see. */
  readonly forwardedHeaderNames: readonly string[];
  readonly isTrusted: (address: string) => boolean;
  readonly isTls: boolean;
  /** Largest body that is read. */
  readonly maxBodyBytes: number;
  /** Host of the configured base address, where the client names none. */
  readonly fallbackHost: string;
  /** Absent: the address is taken as it was written. */
  readonly addressOf?: RequestAddress;
  readonly hidesBrowser?: boolean;
  readonly onUnbelieved?: (peerIp: string) => void;
  readonly newCsrfToken: () => string;
}

/** Where a request goes: its path without the query, and the query without its question mark. */
export interface Target {
  readonly path: string;
  readonly search: string;
}

/** `params` are the values of the route's parameters; without them the request is on no route, or on one that has none. */
export function createContext(
  request: IncomingRequest,
  options: ContextOptions,
  at: Target & { readonly params?: Readonly<Record<string, string>> } = targetOf(request.target),
): HttpContext {
  return new RequestContext(request, options, at);
}

const NO_PARAMS: Readonly<Record<string, string>> = {};

/**
 * A class, because its getters stand once on the prototype: an object with getters of its own has a shape of its own, and the
 * engine finds nothing in it quickly. Measured on whoami: half of the time that was not the database's.
 */
class RequestContext implements HttpContext {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly params: Readonly<Record<string, string>>;
  readonly header: (name: string) => string | undefined;
  readonly #request: IncomingRequest;
  readonly #options: ContextOptions;
  #facts: ClientFacts | undefined;
  #query: URLSearchParams | undefined;
  #cookies: ReadonlyMap<string, readonly string[]> | undefined;
  #client: ClientKind | undefined;
  #forwardedHeaders: JsonObject | undefined;
  #sentRequestId: string | null | undefined;
  #requestId: string | undefined;
  #csrf: CsrfState | undefined;
  #nextCsrfToken: string | undefined;
  #body: Promise<Uint8Array> | undefined;
  #form: Promise<RawBody> | undefined;

  constructor(
    request: IncomingRequest,
    options: ContextOptions,
    at: Target & { readonly params?: Readonly<Record<string, string>> },
  ) {
    this.method = request.method;
    this.path = at.path;
    this.search = at.search;
    this.params = at.params ?? NO_PARAMS;
    this.header = request.header;
    this.#request = request;
    this.#options = options;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.search);
    return this.#query;
  }

  get url(): string {
    const address = this.#options.addressOf?.(this.#clientFacts()) ?? this.sentOrigin;
    return `${address}${this.path}${this.search === '' ? '' : `?${this.search}`}`;
  }

  get sentOrigin(): string {
    const { scheme, host } = this.#clientFacts();
    return `${scheme}://${host}`;
  }

  get cookies(): ReadonlyMap<string, readonly string[]> {
    this.#cookies ??= parseCookies(this.header('cookie'));
    return this.#cookies;
  }

  get client(): ClientKind {
    this.#client ??= clientKind(this.header('accept'), this.header('content-type'));
    return this.#client;
  }

  get forwardedHeaders(): JsonObject {
    this.#forwardedHeaders ??= Object.fromEntries(
      this.#options.forwardedHeaderNames.flatMap((name) => {
        const value = this.header(name.toLowerCase());
        return value === undefined ? [] : [[name, [value]]];
      }),
    );
    return this.#forwardedHeaders;
  }

  get clientIp(): string {
    return this.#clientFacts().ip;
  }

  get scheme(): 'http' | 'https' {
    return this.#clientFacts().scheme;
  }

  get device(): DeviceFacts {
    return this.#clientFacts().device;
  }

  get sentRequestId(): string | undefined {
    // null: looked for and not there
    if (this.#sentRequestId === undefined) {
      this.#sentRequestId = cleanRequestId(this.header('x-request-id')) ?? null;
    }
    return this.#sentRequestId ?? undefined;
  }

  get requestId(): string {
    this.#requestId ??= this.sentRequestId ?? newUuid();
    return this.#requestId;
  }

  get csrf(): CsrfState {
    this.#csrf ??= readCsrf(this.cookies, this.#options.csrfCookieName);
    return this.#csrf;
  }

  get nextCsrfToken(): string {
    this.#nextCsrfToken ??= this.#options.newCsrfToken();
    return this.#nextCsrfToken;
  }

  get showsBrowser(): boolean {
    return this.#options.hidesBrowser !== true;
  }

  readBody(): Promise<Uint8Array> {
    this.#body ??= readLimited(this.#request, this.#options.maxBodyBytes);
    return this.#body;
  }

  async formField(name: string): Promise<string | undefined> {
    return (await this.formFields()).find(([own]) => own === name)?.[1];
  }

  async formFields(): Promise<readonly (readonly [name: string, value: string])[]> {
    const type = this.header('content-type') ?? '';
    if (!type.startsWith('application/x-www-form-urlencoded')) return [];
    this.#form ??= this.readBody().then(parseForm);
    const form = await this.#form;
    return form.kind === 'form' ? form.entries : [];
  }

  #clientFacts(): ClientFacts {
    this.#facts ??= clientFacts(this.#options.peer, { ...this.#options, header: this.header });
    return this.#facts;
  }
}

/** Of an absolute address or of what follows its host. */
export function targetOf(address: string): Target {
  const start = address.startsWith('/') ? 0 : address.indexOf('/', address.indexOf('://') + 3);
  if (start < 0) return { path: '/', search: '' };
  const hash = address.indexOf('#', start);
  const end = hash < 0 ? address.length : hash;
  const mark = address.indexOf('?', start);
  if (mark < 0 || mark > end) return { path: address.slice(start, end), search: '' };
  return { path: address.slice(start, mark), search: address.slice(mark + 1, end) };
}

/** What a client sends goes into logs and answers: printable, and not longer than an id needs to be. */
function cleanRequestId(id: string | undefined): string | undefined {
  return id && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined;
}

async function readLimited(request: IncomingRequest, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => badRequest(`The request body is larger than ${Math.floor(maxBytes / 1024)} KiB.`);
  if (Number(request.header('content-length') ?? 0) > maxBytes) throw tooLarge();
  const body = request.body();
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of body) {
      total += chunk.byteLength;
      if (total > maxBytes) break;
      chunks.push(chunk);
    }
  } catch {
    throw badRequest('The request body ended early.');
  }
  if (total > maxBytes) throw tooLarge();
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
