// Calls to the endpoints of a provider outside of OpenID Connect: a JSON object comes back, or a ProviderFault.
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Outbound, OutboundRequest } from '../../outbound/outbound.ts';
import { claimsFault, type ProviderFault, textOf, tokenFault } from './fault.ts';
import { parsed } from './key-set.ts';
import { LIMITS } from './outbound-fetch.ts';

export interface Service {
  /** Reads about the person with their access token. */
  get(url: string, headers: Readonly<Record<string, string>>): Promise<JsonObject>;
  /** The same where the answer is a list. */
  list(url: string, headers: Readonly<Record<string, string>>): Promise<readonly JsonObject[]>;
  /** Sends a form to a token endpoint. */
  form(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<JsonObject>;
  /** Sends JSON to a token endpoint. */
  json(url: string, body: JsonObject): Promise<JsonObject>;
}

export const bearer = (accessToken: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${accessToken}`,
});

export const basic = (user: string, password: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(user)}:${encodeURIComponent(password)}`).toString('base64')}`,
});

export function createService(outbound: Outbound): Service {
  async function call(
    url: string,
    request: OutboundRequest,
    fault: (reason: string, cause?: unknown) => ProviderFault,
  ): Promise<unknown> {
    const { host } = new URL(url);
    const headers = { accept: 'application/json', ...request.headers };
    const answer = await outbound.request(url, { ...LIMITS, ...request, headers }).catch((error: unknown) => {
      const cause = fault(`${host} could not be asked.`, error);
      throw cause;
    });
    if (answer.status < 200 || answer.status > 299) {
      const cause = fault(`${host} answered ${answer.status}.`);
      throw cause;
    }
    return parsed(answer.text) ?? fromForm(answer.headers, answer.text);
  }

  const object = (value: unknown, fault: (reason: string) => ProviderFault): JsonObject => {
    if (isJsonObject(value)) return value;
    const cause = fault('The provider sent something that is not JSON.');
    throw cause;
  };
  /** Several providers answer a refused code with 200 and an error. */
  const granted = (answer: JsonObject): JsonObject => {
    const error = textOf(answer, 'error');
    if (error) throw tokenFault(`The provider refused the code: ${error.slice(0, 100)}.`);
    return answer;
  };

  return {
    get: async (url, headers) => object(await call(url, { headers }, claimsFault), claimsFault),
    list: async (url, headers) => {
      const value = await call(url, { headers }, claimsFault);
      if (!Array.isArray(value)) throw claimsFault('The provider sent something that is not a list.');
      return value.filter(isJsonObject);
    },
    form: async (url, fields, headers = {}) => {
      const type = 'application/x-www-form-urlencoded';
      const request = {
        method: 'POST',
        headers: { 'content-type': type, ...headers },
        body: new URLSearchParams(fields).toString(),
      };
      return granted(object(await call(url, request, tokenFault), tokenFault));
    },
    json: async (url, body) => {
      const request = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      return granted(object(await call(url, request, tokenFault), tokenFault));
    },
  };
}

/** Older token endpoints answer as a form. */
function fromForm(headers: Headers, text: string): JsonObject | undefined {
  const type = headers.get('content-type') ?? '';
  if (!/^(?:application\/x-www-form-urlencoded|text\/plain)/.test(type)) return undefined;
  return Object.fromEntries(new URLSearchParams(text));
}
