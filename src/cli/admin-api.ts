// Calls to the admin API of a running server, with errors that say what to do next.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { createOutbound, OutboundError, type OutboundResponse } from '../outbound/outbound.ts';
import { CommandError, type Invocation, UsageError } from './line/command.ts';

export interface Answer {
  readonly json: Json;
  /** The token of the next page; undefined on the last one. */
  readonly nextPageToken: string | undefined;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface AdminApi {
  readonly endpoint: string;
  /** Throws CommandError, and AdminRefusal for an answer of 400 or above. */
  get(path: string, query?: Query): Promise<Answer>;
  send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: Json): Promise<Answer>;
  /** The status alone, without judging it. */
  status(path: string): Promise<number>;
}

/** The server answered, and it said no. */
export class AdminRefusal extends CommandError {
  readonly status: number;

  constructor(status: number, message: string, hint?: string) {
    super(message, hint);
    this.name = 'AdminRefusal';
    this.status = status;
  }
}

/** A batch of passwords takes its time to be hashed. */
const TIMEOUT_MS = 300_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** For the address that the flags or the environment name. Throws UsageError where it is none. */
export function createAdminApi(invocation: Invocation): AdminApi {
  const endpoint = endpointOf(invocation.text('endpoint') ?? '');
  const outbound = createOutbound({ timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
  const call = async (method: string, path: string, body?: Json): Promise<OutboundResponse> => {
    try {
      return await outbound.request(`${endpoint}${path}`, {
        method,
        headers: {
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirects: 2,
      });
    } catch (error) {
      throw error instanceof OutboundError ? unreachable(endpoint, error) : error;
    }
  };
  const asked = async (method: string, path: string, body?: Json): Promise<Answer> => {
    const response = await call(method, path, body);
    if (response.status >= 300) throw refusal(response, { endpoint, what: `${method} ${path}` });
    return {
      json: parseAnswer(response, endpoint),
      nextPageToken: nextPageToken(response.headers.get('link')),
    };
  };
  return {
    endpoint,
    get: (path, query = {}) => asked('GET', `${path}${queryText(query)}`),
    send: asked,
    status: async (path) => (await call('GET', path)).status,
  };
}

function endpointOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `"${text}" is not an http or https URL`,
      'write it such as: --endpoint http://127.0.0.1:4434',
    );
  }
  // Somebody may name the address with the folder of the API.
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/admin$/, '');
}

function queryText(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) params.append(name, one);
  }
  return params.size === 0 ? '' : `?${params}`;
}

const ELSEWHERE = 'name the admin address with --endpoint or the variable BIA_ADMIN_URL';

function unreachable(endpoint: string, error: OutboundError): CommandError {
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return new CommandError(
        `no server answers at ${endpoint}`,
        `is the server running? start it with: bia serve; or ${ELSEWHERE}`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CommandError(`the name in ${endpoint} is not known`, ELSEWHERE);
    default:
      return new CommandError(`${error.message}${code === '' ? '' : ` (${code})`}`, ELSEWHERE);
  }
}

function refusal(
  response: OutboundResponse,
  of: { readonly endpoint: string; readonly what: string },
): CommandError {
  const error = errorOf(response.text);
  const { status } = response;
  if (error) {
    const { reason, message } = error;
    const text =
      typeof reason === 'string' && reason !== '' ? reason : String(message ?? `it answered ${status}`);
    return new AdminRefusal(status, text);
  }
  return new AdminRefusal(
    status,
    `${of.endpoint} answered ${status} to ${of.what}`,
    'is this the admin port? It is 4434 where nothing else is configured, the public one is 4433',
  );
}

function errorOf(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isJsonObject(json) && isJsonObject(json['error']) ? json['error'] : undefined;
  } catch {
    // Not an answer of this API.
    return undefined;
  }
}

function parseAnswer({ text }: OutboundResponse, endpoint: string): Json {
  if (text.trim() === '') return null;
  try {
    // What JSON.parse gives is JSON.
    return JSON.parse(text) as Json;
  } catch {
    throw new CommandError(
      `${endpoint} does not answer with JSON`,
      `is it the admin API of Bia? ${ELSEWHERE}`,
    );
  }
}

/** `<…?page_token=T>; rel="next"` among the links of an answer. */
export function nextPageToken(link: string | null): string | undefined {
  const next = (link ?? '').split(/,\s*(?=<)/).find((one) => /;\s*rel="?next"?/.test(one));
  const address = /<([^>]*)>/.exec(next ?? '')?.[1];
  const url = address === undefined ? null : URL.parse(address, 'http://localhost');
  return url?.searchParams.get('page_token') ?? undefined;
}

/** All objects of a list answer. */
export const objectsOf = (json: Json): readonly JsonObject[] =>
  Array.isArray(json) ? json.filter(isJsonObject) : [];

/** Reads one page, or all of them. */
export async function readPages(
  api: AdminApi,
  of: { readonly path: string; readonly query: Query; readonly isAll: boolean },
): Promise<{ readonly items: readonly JsonObject[]; readonly nextPageToken: string | undefined }> {
  const items: JsonObject[] = [];
  let token: string | undefined;
  let query = of.query;
  do {
    const answer = await api.get(of.path, query);
    const page = objectsOf(answer.json);
    items.push(...page);
    // An empty page that names another one would never end.
    token = page.length === 0 || answer.nextPageToken === token ? undefined : answer.nextPageToken;
    query = { ...query, page_token: token };
  } while (of.isAll && token !== undefined);
  return { items, nextPageToken: token };
}
