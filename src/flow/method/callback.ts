// What a method answers outside of the forms: the way back from a provider, and routes of its own.
import type { Json } from '../../lib/json.ts';
import type { FlowRequest } from '../request.ts';
import type { LoginAt, Person, RegistrationAt, SettingsAt } from './at.ts';
import type { LoginOutcome, RegistrationOutcome, SettingsOutcome } from './outcome.ts';

/** What came back with the person. */
export interface Returned {
  readonly query: URLSearchParams;
  /** Values of the path's parameters. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * The way back from another place, to which an outcome `redirect` with a state has led. The core makes the state and opens it,
 * checks that it is the newest of its flow and that the browser is the one that left, loads flow and memory, and follows the
 * outcome like that of a submission. A POST from elsewhere has no cookies: it is answered with a redirect to the same address
 * by GET. A throw is for what concerns no form; what the person can mend is `rejected`.
 */
export interface MethodCallback {
  /** `{name}` stands for one path segment. */
  readonly paths: readonly string[];
  login?(at: LoginAt & Returned): Promise<LoginOutcome>;
  registration?(at: RegistrationAt & Returned): Promise<RegistrationOutcome>;
  settings?(at: SettingsAt & Person & Returned): Promise<SettingsOutcome>;
}

/** What a route of a method answers. */
export type RouteOutcome =
  | {
      readonly kind: 'asset';
      readonly contentType: string;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'json'; readonly status: number; readonly body: Json }
  | { readonly kind: 'redirect'; readonly to: string; readonly status: 302 | 303 }
  | { readonly kind: 'empty' };

/** A route of a method's own that belongs to no step, such as a script; mounted while the method is enabled. */
export interface MethodRoute {
  readonly port: 'public' | 'admin';
  readonly verb: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly bucket?: 'low' | 'medium' | 'high';
  /** True where an unsafe request needs no anti-CSRF token, because no cookie counts for it. */
  readonly isCsrfExempt?: true;
  /** May throw an ApiError, which is answered as JSON, or on the error page where a person looks at a browser. */
  readonly handle: (request: FlowRequest, params: Readonly<Record<string, string>>) => Promise<RouteOutcome>;
}
