// The line that each answered request leaves in the log.
import { MAILBOX_PATH } from '../../config/dev-mailbox.ts';
import type { Log, LogFields } from '../../lib/log.ts';

/** What port.ts knows of a request that it answered; the context's members are read only where a line is written. */
export interface AnsweredRequest {
  readonly context: {
    readonly method: string;
    readonly path: string;
    readonly search: string;
    readonly requestId: string;
    readonly clientIp: string;
    readonly scheme: string;
    readonly header: (name: string) => string | undefined;
  };
  readonly endpoint: string;
  readonly status: number;
  readonly tookMs: number;
  readonly responseBytes: number;
}

export interface RequestLogOptions {
  readonly log: Log;
  readonly port: 'public' | 'admin';
  /** `request_log.disable_for_health` */
  readonly leavesHealthOut: boolean;
}

/** Longest part of a path or user agent that is written: clients choose them. */
const MAX_LENGTH = 256;

export function createRequestLog({
  log,
  port,
  leavesHealthOut,
}: RequestLogOptions): (of: AnsweredRequest) => void {
  const isWritten = log.isEnabled('info');
  return (of) => {
    const severity = of.status >= 500 ? 'warn' : 'info';
    if (!isWritten && !log.isEnabled(severity)) return;
    if (severity === 'info' && of.endpoint === MAILBOX_ENDPOINT) return;
    if (leavesHealthOut && isHealthEndpoint(of.endpoint)) return;
    log[severity]('request answered', requestFields(of, port));
  };
}

/** The mailbox of development mode asks for news all the time: its lines would hide those of the application. */
const MAILBOX_ENDPOINT = `/${MAILBOX_PATH}`;

function isHealthEndpoint(endpoint: string): boolean {
  return /^(?:\/admin)?\/health\/(?:alive|ready)$/.test(endpoint);
}

function requestFields(
  { context, endpoint, status, tookMs, responseBytes }: AnsweredRequest,
  port: string,
): LogFields {
  const { method, path, search } = context;
  return {
    port,
    method,
    path: path.slice(0, MAX_LENGTH),
    ...(search === '' ? {} : { query: redactedQuery(search) }),
    endpoint,
    status,
    took_ms: Math.round(tookMs * 100) / 100,
    size_bytes: responseBytes,
    client_ip: context.clientIp,
    scheme: context.scheme,
    user_agent: context.header('user-agent')?.slice(0, MAX_LENGTH),
    request_id: context.requestId,
  };
}

/** Parameters whose values say nothing about a person and open nothing. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...[
    'aal',
    'refresh',
    'via',
    'page',
    'per_page',
    'page_size',
    'active',
    'expand',
    'organization',
    'consistency',
  ],
  ...['identity_schema', 'include_credential', 'return_session_token_exchange_code', 'status', 'tokenize_as'],
]);
/** Parameters of the protocol whose values are hidden. Names outside both lists may be somebody's secret themselves. */
const HIDDEN: ReadonlySet<string> = new Set([
  ...[
    'flow',
    'id',
    'token',
    'code',
    'state',
    'return_to',
    'after_verification_return_to',
    'login_challenge',
    'ids',
  ],
  ...[
    'init_code',
    'return_to_code',
    'page_token',
    'error',
    'recipient',
    'credentials_identifier',
    'cookie',
    'type',
  ],
  ...[
    'preview_credentials_identifier_similar',
    'organization_id',
    'identifier',
    'login_hint',
    'scope',
    'iss',
  ],
]);

/** The query with the names of its parameters, and the values of harmless ones. */
export function redactedQuery(search: string): string {
  const out: string[] = [];
  for (const pair of search.slice(0, 2048).split('&', 32)) {
    const mark = pair.indexOf('=');
    const name = mark < 0 ? pair : pair.slice(0, mark);
    if (HARMLESS.has(name)) out.push(pair.slice(0, MAX_LENGTH));
    else out.push(HIDDEN.has(name) ? `${name}=…` : '…');
  }
  return out.join('&');
}
