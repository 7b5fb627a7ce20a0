// What a flow may know of a request: plain data, no framework type.

import type { RawBody } from '../form/body.ts';
import type { JsonObject } from '../lib/json.ts';
import type { PresentedCredentials } from '../session/authenticate.ts';
import type { KnownDevice } from './known-device.ts';

/** How the client wants its answer; three different questions, see docs/protocol/http.md 0.1. */
export interface ClientKind {
  /** JSON by Accept or by content type: submissions, errors (predicate J). */
  readonly isJson: boolean;
  /** HTML is what it takes by Accept alone (predicate B). */
  readonly takesHtml: boolean;
  /** JSON by Accept alone: starts of flows, final redirects (predicate A). */
  readonly acceptsJson: boolean;
}

export interface DeviceFacts {
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly location: string;
}

/** What a browser left behind when it was sent away, and comes back for. */
export interface Continuity {
  /** Names a parked submission. */
  readonly parked?: string;
  /** Of the newest state that it took to another place. */
  readonly departed?: string;
}

export interface FlowRequest {
  /** The HTTP method: a method is something else here. */
  readonly verb: string;
  /** The full address as the client wrote it, behind any proxy; scheme and host as in docs/protocol/http.md 2.2. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly body: RawBody;
  readonly client: ClientKind;
  readonly credentials: PresentedCredentials;
  /** The anti-CSRF token of this browser (32 bytes in base64), made for this request where the cookie held none. */
  readonly csrfToken: string;
  /** False where the cookie did not hold it: then nothing that was submitted can match. */
  readonly csrfFromCookie: boolean;
  /** The token that replaces it when this request signs somebody in or out. */
  readonly nextCsrfToken: string;
  /** Tells why a submission without a matching token was refused (docs/protocol/http.md 3.4). */
  readonly csrfHint: (hasToken: boolean) => { readonly hint: string; readonly rejectReason?: string };
  /** Signs of a browser, which must not submit to api flows (docs/protocol/http.md 3.5). */
  readonly origin: string | undefined;
  readonly cookieNames: readonly string[];
  /** Cookies by name, as they were sent, for hooks that pass them on. */
  readonly cookies: Readonly<Record<string, string>>;
  /** What waits for this browser to come back. */
  readonly continuity: Continuity;
  /** Whose device this is: those who signed in with it before. */
  readonly knownDevices: readonly KnownDevice[];
  readonly device: DeviceFacts;
  /** Headers that services of the operator may see: those on the allow-list of `clients.web_hook`, and no cookies. */
  readonly forwardedHeaders: JsonObject;
  readonly clientIp: string;
  readonly requestId: string;
}
