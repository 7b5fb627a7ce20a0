// A refusal: what the caller did wrong or the state forbids, with a stable id, a status and a public reason.
import type { Json, JsonObject } from '../lib/json.ts';

export interface ApiErrorOptions {
  /** Stable snake_case id, part of the API; some refusals of the protocol have none. */
  readonly id?: string;
  readonly status: number;
  /** What went wrong in general; the default is a sentence for the status. */
  readonly message?: string;
  /** Why, in this case. Public. */
  readonly reason?: string;
  readonly details?: JsonObject;
  /** Keys beside `error` at the top of the envelope, such as `redirect_browser_to` and `use_flow_id`. */
  readonly beside?: JsonObject;
  /** Where a person in a browser is sent instead of being shown the error. */
  readonly goTo?: { readonly url: string; readonly status: 302 | 303 };
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log only; never leaves the process. */
  readonly cause?: unknown;
  /** Body `code` where it differs from the HTTP status (docs/protocol/http.md 0.5). */
  readonly bodyCode?: number;
}

export class ApiError extends Error {
  readonly id: string;
  readonly status: number;
  readonly reason: string | undefined;
  readonly details: JsonObject | undefined;
  readonly beside: JsonObject | undefined;
  readonly goTo: ApiErrorOptions['goTo'];
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyCode: number;

  constructor(options: ApiErrorOptions) {
    super(
      options.message ?? defaultMessage(options.status),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.name = 'ApiError';
    this.id = options.id ?? '';
    this.status = options.status;
    this.reason = options.reason;
    this.details = options.details;
    this.beside = options.beside;
    this.goTo = options.goTo;
    this.headers = options.headers ?? {};
    this.bodyCode = options.bodyCode ?? options.status;
  }

  /** The same refusal with more to say. */
  with(more: Partial<ApiErrorOptions>): ApiError {
    const { id, status, message, reason, details, beside, goTo, headers, bodyCode, cause } = this;
    const same = { id, status, message, headers, bodyCode };
    return new ApiError({
      ...same,
      ...(reason === undefined ? {} : { reason }),
      ...(details ? { details } : {}),
      ...(beside ? { beside } : {}),
      ...(goTo ? { goTo } : {}),
      ...(cause === undefined ? {} : { cause }),
      ...more,
    });
  }

  /** The envelope of docs/protocol/http.md 0.5; empty members are left out, `message` never. */
  toEnvelope(requestId?: string): JsonObject {
    const error: Record<string, Json> = {};
    if (this.id) error['id'] = this.id;
    error['code'] = this.bodyCode;
    error['status'] = statusText(this.bodyCode);
    if (requestId) error['request'] = requestId;
    if (this.reason) error['reason'] = this.reason;
    if (this.details) error['details'] = this.details;
    error['message'] = this.message;
    return { error, ...this.beside };
  }
}

const STATUS: Readonly<Record<number, readonly [text: string, message: string]>> = {
  400: ['Bad Request', 'The request is malformed or contains invalid values.'],
  401: ['Unauthorized', 'The request could not be authorized.'],
  403: ['Forbidden', 'The requested action is forbidden.'],
  404: ['Not Found', 'The requested resource could not be found.'],
  405: ['Method Not Allowed', 'This endpoint does not support that HTTP method.'],
  409: ['Conflict', 'The request conflicts with an existing resource.'],
  410: ['Gone', 'This is no longer available.'],
  413: ['Request Entity Too Large', 'The request is too large.'],
  422: ['Unprocessable Entity', 'The browser must open another page to continue.'],
  429: ['Too Many Requests', 'Too many requests.'],
  500: ['Internal Server Error', 'Something went wrong on our side.'],
  502: ['Bad Gateway', 'An upstream service returned an invalid response.'],
  503: ['Service Unavailable', 'The service is busy. Please try again shortly.'],
  504: ['Gateway Timeout', 'An upstream service did not respond in time.'],
};

export const statusText = (status: number): string => STATUS[status]?.[0] ?? 'Error';
const defaultMessage = (status: number): string => STATUS[status]?.[1] ?? 'The request failed.';

/** Fails as our own mistake (500) when a fact that the code relies on does not hold. */
export function invariant(fact: unknown, what: string): asserts fact {
  if (!fact) throw new Error(`invariant broken: ${what}`);
}
