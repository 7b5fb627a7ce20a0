// The admin API of an OAuth2 server that hands its login requests over to us (the shape of Ory Hydra's).
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Outbound, OutboundResponse } from '../../outbound/outbound.ts';
import { badRequest, oauth2ProviderFailed } from '../../protocol/refusals.ts';

/** What is told of the person who signed in. */
export interface Acceptance {
  readonly subject: string;
  /** Absent where the person was not signed in here, as after a sign-up without a session. */
  readonly identity_provider_session_id?: string;
  readonly remember: boolean;
  readonly remember_for: number;
  readonly amr: readonly string[];
}

export interface LoginRequestProvider {
  /** The login request behind a challenge. Throws 400 where it is unknown or was used, 500 where the server fails. */
  find(challenge: string): Promise<JsonObject>;
  /** Both answer where the browser goes next, and throw 500 where the server refuses. */
  accept(challenge: string, acceptance: Acceptance): Promise<string>;
  reject(
    challenge: string,
    reason: { readonly error: string; readonly error_description: string },
  ): Promise<string>;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 256 * 1024;
const RETRIES = 2;

export function createLoginRequestProvider(of: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly outbound: Outbound;
}): LoginRequestProvider {
  const base = `${of.url.replace(/\/+$/, '')}/admin/oauth2/auth/requests/login`;

  async function call(
    action: '' | '/accept' | '/reject',
    challenge: string,
    body?: object,
  ): Promise<OutboundResponse> {
    const url = `${base}${action}?${new URLSearchParams({ login_challenge: challenge })}`;
    const isRead = body === undefined;
    return of.outbound
      .request(url, {
        method: isRead ? 'GET' : 'PUT',
        headers: {
          accept: 'application/json',
          ...(isRead ? {} : { 'content-type': 'application/json' }),
          ...of.headers,
        },
        ...(isRead ? {} : { body: JSON.stringify(body) }),
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_BYTES,
        // An answer to a login request may have counted although it was lost; only questions are repeated.
        retries: isRead ? RETRIES : 0,
      })
      .catch((error: unknown) => {
        throw oauth2ProviderFailed({}, error);
      });
  }

  async function answer(action: '/accept' | '/reject', challenge: string, body: object): Promise<string> {
    const response = await call(action, challenge, body);
    const json = parsed(response.text);
    const to = typeof json?.['redirect_to'] === 'string' ? URL.parse(json['redirect_to']) : null;
    if (response.status === 200 && to && /^https?:$/.test(to.protocol)) return to.href;
    const hint = json?.['error_hint'];
    throw oauth2ProviderFailed({
      status_code: response.status,
      ...(typeof hint === 'string' ? { oauth2_error_hint: hint.slice(0, 500) } : {}),
    });
  }

  return {
    find: async (challenge) => {
      const { status, text } = await call('', challenge);
      const request = parsed(text);
      if (status === 200 && request) return request;
      if (status >= 500 || status === 200) throw oauth2ProviderFailed({ status_code: status });
      throw badRequest('The login challenge is unknown, expired or already used.');
    },
    accept: (challenge, acceptance) => answer('/accept', challenge, acceptance),
    reject: (challenge, reason) => answer('/reject', challenge, reason),
  };
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
