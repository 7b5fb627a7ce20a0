// The `fetch` of libraries, on our own outbound calls: bounded in time and size, and kept out of private networks.
import type { Outbound, OutboundRequest } from '../../outbound/outbound.ts';

/** Discovery documents and key sets have a few kilobytes, answers about a person less. */
export const LIMITS = { timeoutMs: 10_000, maxBytes: 512 * 1024 } as const;

const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Documents may have moved; tokens and secrets are sent to the address that is configured and nowhere else. */
export function outboundFetch(outbound: Outbound): (url: string, options: FetchOptions) => Promise<Response> {
  return async (url, { method = 'GET', headers = {}, body }) => {
    const isDocument =
      method === 'GET' && !Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
    const request: OutboundRequest = {
      ...LIMITS,
      method,
      headers,
      ...(body === undefined || body === null ? {} : { body: String(body) }),
      redirects: isDocument ? 3 : 0,
    };
    const answer = await outbound.request(url, request);
    return new Response(NO_BODY.has(answer.status) ? null : answer.text, {
      status: answer.status,
      headers: answer.headers,
    });
  };
}
