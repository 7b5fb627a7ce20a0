// A request as plain facts, read lazily: what every route and middleware of ours sees instead of a framework's object.
import type { ClientKind, DeviceFacts } from '../flow/request.ts';
import type { CsrfState } from './csrf.ts';

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
  readonly clientIp: string;
  readonly scheme: 'http' | 'https';
  readonly device: DeviceFacts;
  /** Sent by the client as X-Request-ID, or made here. */
  readonly requestId: string;
  /** The client's own X-Request-ID, which errors repeat. */
  readonly sentRequestId: string | undefined;
  readonly csrf: CsrfState;
  /** The whole body; throws ApiError 400 where it is larger than the limit. */
  readonly readBody: () => Promise<Uint8Array>;
  /** One field of a urlencoded body, without consuming it. */
  readonly formField: (name: string) => Promise<string | undefined>;
  readonly isEmptyBody: boolean;
}
