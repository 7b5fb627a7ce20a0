// Signed requests of OAuth 1.0a (RFC 5849), which only X still wants.
import { createHmac } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import { randomAlphanumeric } from '../../lib/secret.ts';

export interface OAuth1Client {
  readonly key: string;
  readonly secret: string;
  readonly clock: Clock;
}

export interface SignedRequest {
  readonly method: 'GET' | 'POST';
  /** Without a query. */
  readonly url: string;
  /** Parameters of the protocol, such as `oauth_token`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly tokenSecret?: string;
  /** A stand-in for tests. */
  readonly nonce?: string;
}

/** The `Authorization` header of a request. */
export function authorizationHeader(client: OAuth1Client, request: SignedRequest): string {
  const params: Record<string, string> = {
    oauth_consumer_key: client.key,
    oauth_nonce: request.nonce ?? randomAlphanumeric(32),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(client.clock.nowMs() / 1000)),
    oauth_version: '1.0',
    ...request.params,
  };
  const base = [request.method, request.url, normalised({ ...params, ...request.query })]
    .map(encoded)
    .join('&');
  const key = `${encoded(client.secret)}&${encoded(request.tokenSecret ?? '')}`;
  const signature = createHmac('sha1', key).update(base).digest('base64');
  const all = Object.entries({ ...params, oauth_signature: signature });
  return `OAuth ${all.map(([name, value]) => `${encoded(name)}="${encoded(value)}"`).join(', ')}`;
}

/** RFC 5849 section 3.4.1.3.2: sorted by encoded name. */
const normalised = (params: Readonly<Record<string, string>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');

/** RFC 5849 section 3.6: what JavaScript leaves as it is must be encoded too. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
