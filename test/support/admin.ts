// An administrator's client: JSON to the admin port, and what came back with its status.
import assert from 'node:assert/strict';
import type { Json, JsonObject } from '../../src/lib/json.ts';
import type { TestServer } from './server.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Whatever the test says it is: a wrong guess fails at the first look.
  readonly json: <T = JsonObject>() => T;
  /** `error` of the envelope. */
  readonly error: () => ErrorJson;
}

export interface ErrorJson {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly reason?: string;
}

export interface IdentityJson {
  readonly id: string;
  readonly external_id?: string;
  readonly schema_id: string;
  readonly state: 'active' | 'inactive';
  readonly traits: JsonObject;
  readonly metadata_public: Json;
  readonly metadata_admin?: Json;
  readonly organization_id: string | null;
  readonly verifiable_addresses?: readonly {
    readonly value: string;
    readonly verified: boolean;
    readonly status: string;
    readonly verified_at?: string;
  }[];
  readonly recovery_addresses?: readonly { readonly value: string }[];
  readonly credentials?: Readonly<
    Record<string, { readonly identifiers: readonly string[]; readonly config?: JsonObject }>
  >;
}

export interface Admin {
  readonly get: (path: string) => Promise<AdminAnswer>;
  readonly post: (path: string, body: Json) => Promise<AdminAnswer>;
  readonly put: (path: string, body: Json) => Promise<AdminAnswer>;
  readonly patch: (path: string, body?: Json) => Promise<AdminAnswer>;
  readonly delete: (path: string) => Promise<AdminAnswer>;
  /** Text as it is, for bodies that are not JSON. */
  readonly send: (
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
  ) => Promise<AdminAnswer>;
  /** Creates an identity, which must succeed. */
  readonly create: (email: string, of?: JsonObject) => Promise<IdentityJson>;
}

export function createAdmin(server: TestServer): Admin {
  const send = async (
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<AdminAnswer> => {
    const response = await server.askAdmin(method, path, {
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const parse = <T>(): T => JSON.parse(text) as T;
    return {
      status: response.status,
      headers: response.headers,
      json: parse,
      error: () => parse<{ readonly error: ErrorJson }>().error,
    };
  };
  const post = (path: string, body: Json) => send('POST', path, JSON.stringify(body));
  return {
    get: (path) => send('GET', path),
    post,
    put: (path, body) => send('PUT', path, JSON.stringify(body)),
    patch: (path, body) => send('PATCH', path, body === undefined ? undefined : JSON.stringify(body)),
    delete: (path) => send('DELETE', path),
    send,
    create: async (email, of = {}) => {
      const answer = await post('/admin/identities', { traits: { email }, ...of });
      assert.equal(answer.status, 201, JSON.stringify(answer.json()));
      return answer.json<IdentityJson>();
    },
  };
}

/** Path and query of one of the links of an answer. */
export function linkOf(answer: AdminAnswer, rel: string): string | undefined {
  const links = (answer.headers.get('link') ?? '').split(',');
  return links.find((link) => link.endsWith(`rel="${rel}"`))?.match(/<([^>]*)>/)?.[1];
}
