// Settings of a request and what it is to say -> a request that can be sent (docs/protocol/platform.md 3.3 and 4.3).
import type { Json } from '../lib/json.ts';
import type { RequestAuth, RequestConfig } from './request.ts';

export interface ServiceRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Throws an Error where the content type is none of the two, or the value does not fit into a form. */
export function toServiceRequest(
  { url, method, headers, auth }: Pick<RequestConfig, 'url' | 'method' | 'headers' | 'auth'>,
  value: Json,
): ServiceRequest {
  const all = new Headers(headers);
  const type = all.get('content-type') ?? JSON_TYPE;
  all.set('content-type', type);
  if (auth) authenticate(all, auth);
  return { url, method: method.toUpperCase(), headers: Object.fromEntries(all), body: encoded(value, type) };
}

function encoded(value: Json, type: string): string {
  // Exactly so: with a parameter behind it Kratos takes neither, and configurations that it refuses stay refused.
  if (type === JSON_TYPE) return JSON.stringify(value);
  if (type !== FORM_TYPE) throw new Error(`the content type must be ${JSON_TYPE} or ${FORM_TYPE}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('a form is made of an object');
  }
  const form = new URLSearchParams();
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== 'string') throw new Error(`the value of "${name}" in a form must be a text`);
    form.append(name, member);
  }
  return form.toString();
}

function authenticate(headers: Headers, { type, config }: RequestAuth): void {
  if (type === 'basic_auth') {
    const credentials = Buffer.from(`${config.user}:${config.password}`).toString('base64');
    headers.set('authorization', `Basic ${credentials}`);
  } else if (config.in === 'cookie') {
    const others = headers.get('cookie');
    headers.set('cookie', [...(others ? [others] : []), `${config.name}=${config.value}`].join('; '));
  } else {
    headers.set(config.name, config.value);
  }
}
