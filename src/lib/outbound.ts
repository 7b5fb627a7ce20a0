// Calls to other services: the only owner of fetch. Time, size and retries are bounded; private networks can be closed off.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

export interface OutboundResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface OutboundRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Further tries after a failed connection, 429 or 5xx. */
  readonly retries?: number;
}

export interface Outbound {
  /** Throws OutboundError where no answer came in time, it was too large, or the address is closed off. */
  request(url: string, request?: OutboundRequest): Promise<OutboundResponse>;
}

export class OutboundError extends Error {
  readonly kind: 'timeout' | 'network' | 'too-large' | 'forbidden';

  constructor(kind: OutboundError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'OutboundError';
    this.kind = kind;
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;
const RETRY_PAUSE_MS = 200;

export interface OutboundOptions {
  /** Refuse addresses of loopback and private networks: stops requests forged through configuration or user input. */
  readonly disallowPrivate?: boolean;
}

export function createOutbound(options: OutboundOptions = {}): Outbound {
  return {
    request: async (url, request = {}) => {
      if (options.disallowPrivate) await refusePrivate(url);
      const tries = 1 + (request.retries ?? 0);
      for (let attempt = 1; ; attempt += 1) {
        try {
          const response = await once(url, request);
          const isTransient = response.status === 429 || response.status >= 500;
          if (!isTransient || attempt >= tries) return response;
        } catch (error) {
          const isFinal = error instanceof OutboundError && error.kind === 'too-large';
          if (isFinal || attempt >= tries) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * attempt));
      }
    },
  };
}

async function once(url: string, request: OutboundRequest): Promise<OutboundResponse> {
  const signal = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: request.method ?? 'GET',
      signal,
      redirect: 'error',
      ...(request.headers ? { headers: { ...request.headers } } : {}),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const text = await readBounded(response, request.maxBytes ?? DEFAULT_MAX_BYTES);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    if (signal.aborted) throw new OutboundError('timeout', `no answer in time from ${hostOf(url)}`, error);
    throw new OutboundError('network', `could not reach ${hostOf(url)}`, error);
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new OutboundError('too-large', `the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? 'the given address';

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::1', 128],
  ['::', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

async function refusePrivate(url: string): Promise<void> {
  const host = (URL.parse(url)?.hostname ?? '').replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
  const isPrivate = addresses.some((address) => PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'));
  if (isPrivate) throw new OutboundError('forbidden', `${hostOf(url)} is in a private network`);
}
