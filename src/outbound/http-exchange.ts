// One request and its answer over HTTP or HTTPS, bounded in time and size; no retries, no redirects.
import type { Agent, AgentOptions, ClientRequest, IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { isLoopback } from '../lib/loopback.ts';
import { http, https, tls } from '../lib/node-http.ts';

export interface OutboundResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Why a call to another service gave no answer. */
export class OutboundError extends Error {
  readonly kind: 'timeout' | 'network' | 'too-large' | 'forbidden';

  constructor(kind: OutboundError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'OutboundError';
    this.kind = kind;
  }
}

export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** For the whole exchange, from the name lookup to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Connections that are kept open for the next exchange. */
export interface Connections {
  /** Throws OutboundError. */
  exchange(of: Exchange): Promise<OutboundResponse>;
}

export type ProxyEnv = Readonly<Record<string, string | undefined>>;

export interface ConnectionOptions {
  readonly lookup?: LookupFunction;
  /** Proxies by the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY. This machine itself is called without one. */
  readonly proxyEnv?: ProxyEnv | undefined;
  /** Certificates in PEM to trust beside those that Node trusts. */
  readonly extraCertificates?: readonly string[];
}

const IDLE_SOCKETS = 16;

export function createConnections(options: ConnectionOptions = {}): Connections {
  const { proxyEnv } = options;
  const direct = createAgents(options, undefined);
  const proxied = proxyEnv && Object.keys(proxyEnv).length > 0 ? createAgents(options, proxyEnv) : direct;
  return {
    exchange: async (of) => {
      const signal = AbortSignal.timeout(of.timeoutMs);
      const agents = isLoopback(of.url.hostname) ? direct : proxied;
      try {
        return await send(of, { agent: agents(of.url.protocol), signal });
      } catch (error) {
        if (error instanceof OutboundError) throw error;
        if (signal.aborted)
          throw new OutboundError('timeout', `no answer in time from ${of.url.host}`, error);
        throw new OutboundError('network', `could not reach ${of.url.host}`, error);
      }
    },
  };
}

/** One for each protocol. That of https is made for the first call: reading all certificates takes 60 ms, which a start need not wait for. */
function createAgents(
  options: ConnectionOptions,
  proxyEnv: ProxyEnv | undefined,
): (protocol: string) => Agent {
  const shared: AgentOptions = {
    keepAlive: true,
    maxFreeSockets: IDLE_SOCKETS,
    ...(options.lookup ? { lookup: options.lookup } : {}),
    ...(proxyEnv ? { proxyEnv: { ...proxyEnv } } : {}),
  };
  const plain = new http.Agent(shared);
  let secure: Agent | undefined;
  return (protocol) => {
    if (protocol !== 'https:') return plain;
    secure ??= secureAgentOf(shared, options.extraCertificates ?? []);
    return secure;
  };
}

/** The certificates are read once: a hundred of them for each connection would take longer than the exchange. */
function secureAgentOf(shared: AgentOptions, extra: readonly string[]): Agent {
  const { Agent: SecureAgent } = https();
  if (extra.length === 0) return new SecureAgent(shared);
  const ca = [...tls().getCACertificates('default'), ...extra];
  return new SecureAgent({ ...shared, secureContext: tls().createSecureContext({ ca }) });
}

async function send(
  of: Exchange,
  via: { readonly agent: Agent; readonly signal: AbortSignal },
): Promise<OutboundResponse> {
  const { request, response } = await start(of, via);
  try {
    const text = await readBounded(response, of.maxBytes);
    return { status: response.statusCode ?? 0, headers: headersOf(response), text };
  } catch (error) {
    request.destroy();
    throw error;
  }
}

interface Started {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
}

function start(of: Exchange, via: { readonly agent: Agent; readonly signal: AbortSignal }): Promise<Started> {
  const { request: open } = of.url.protocol === 'https:' ? https() : http;
  return new Promise((resolve, reject) => {
    // Node gives methods that usually have no body no length, and the other side would not see it.
    const length = of.body === undefined ? {} : { 'Content-Length': Buffer.byteLength(of.body) };
    const request = open(of.url, { method: of.method, headers: { ...of.headers, ...length }, ...via });
    request.once('response', (response) => resolve({ request, response }));
    request.once('error', (error: NodeJS.ErrnoException) => {
      // The other side may close a kept connection at the moment we use it; that says nothing about the service.
      if (request.reusedSocket && error.code === 'ECONNRESET') resolve(start(of, via));
      else reject(error);
    });
    request.end(of.body);
  });
}

async function readBounded(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the answer is no stream of bytes');
    size += chunk.length;
    if (size > maxBytes) throw new OutboundError('too-large', `the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}
