// A request as it arrives, from a listener or from a caller that speaks fetch: the same few facts of both.
import type { IncomingMessage } from 'node:http';

export interface IncomingRequest {
  readonly method: string;
  /** Path and query as they were sent, or an absolute address that has them. */
  readonly target: string;
  /** The value of a header by its name in lower case; several of one name are one list. */
  readonly header: (name: string) => string | undefined;
  /** Leaving it early does not close the connection: an answer has to go back. */
  readonly body: () => AsyncIterable<Uint8Array> | undefined;
}

export function incomingFromFetch(request: Request): IncomingRequest {
  return {
    method: request.method,
    target: request.url,
    header: (name) => request.headers.get(name) ?? undefined,
    body: () => request.body ?? undefined,
  };
}

/** Undefined where the address is none. */
export function incomingFromNode(message: IncomingMessage): IncomingRequest | undefined {
  const target = cleanTarget(message.url ?? '');
  if (target === undefined) return undefined;
  const { headers } = message;
  return {
    method: message.method ?? 'GET',
    target,
    header: (name) => {
      const value = headers[name];
      // Names are the client's: not every member of this object is a header.
      return typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : undefined;
    },
    // A body of Node holds bytes as long as nobody sets an encoding.
    body: () => message.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
  };
}

/** RFC 3986 without escapes that would have to be written anew. */
const PLAIN = /^\/[!#$&-;=?-[\]_a-z~%]*$/;
const DOTS = /\/(?:\.|%2e){1,2}(?:[/?#]|$)/i;

/** As a browser would send it: other characters escaped, dotted segments resolved. */
function cleanTarget(sent: string): string | undefined {
  if (PLAIN.test(sent) && !DOTS.test(sent)) return sent;
  // Browsers take it for a slash and others do not: two readers of one address must not differ.
  if (/^[^?]*\\/.test(sent)) return undefined;
  const url = sent.startsWith('/') ? URL.parse(`http://host${sent}`) : URL.parse(sent);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.href : undefined;
}
