// An answer as a value: what a route gives, and what the port sends of it.

import type { Json } from '../../lib/json.ts';
import type { ApiError } from '../../protocol/api-error.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Set-Cookie lines. */
  readonly cookies?: readonly string[];
  readonly body?: string;
}

/** An answer with everything that a port adds. */
export interface SentAnswer {
  readonly status: number;
  /** Names and values in turn, as node:http takes them: pairs would be made and taken apart again for each request. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
}

/** For callers that speak fetch; server.ts writes answers without this detour, which costs more than finding a session. */
export function toResponse({ status, headers, body }: SentAnswer): Response {
  const pairs = new Headers();
  for (let at = 0; at + 1 < headers.length; at += 2) pairs.append(headers[at] ?? '', headers[at + 1] ?? '');
  return new Response(body ?? null, { status, headers: pairs });
}

/** JSON text with what a browser might take for markup written as escapes, and a line end. */
export function toJsonText(value: Json): string {
  return sentJson(JSON.stringify(value));
}

const sentJson = (json: string): string => `${json.replace(/[<>&\u2028\u2029]/g, escapeUnicode)}\n`;

const escapeUnicode = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

export function jsonAnswer(
  status: number,
  value: Json,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return jsonTextAnswer(status, JSON.stringify(value), headers);
}

/** The same for a value that is a JSON text already. */
export function jsonTextAnswer(
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: sentJson(json),
  };
}

/** The same without escapes, for what people copy out of it by hand: addresses with an & in them. */
export function plainJsonAnswer(status: number, value: Json): HttpAnswer {
  return { ...jsonAnswer(status, null), body: `${JSON.stringify(value)}\n` };
}

/** The error envelope. Its content type has no charset, and it names its id in a header (docs/protocol/http.md 0.2). */
export function errorAnswer(error: ApiError, requestId: string | undefined): HttpAnswer {
  return {
    status: error.status,
    headers: { 'Content-Type': 'application/json', 'Ory-Error-Id': error.id, ...error.headers },
    body: toJsonText(error.toEnvelope(requestId)),
  };
}

/** A redirect; for GET with a small page for clients that do not follow. */
export function redirectAnswer(status: 302 | 303 | 307, location: string, method: string): HttpAnswer {
  const headers = { Location: location };
  if (method !== 'GET' && method !== 'HEAD') return { status, headers };
  const href = location.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return {
    status,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8' },
    body: `<a href="${href}">Continue</a>.\n`,
  };
}

export function textAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...headers },
    body: `${text}\n`,
  };
}

export const emptyAnswer: HttpAnswer = { status: 204, headers: {} };

/** The end of a session says so in a type that has no body (as recorded). */
export const emptyJsonAnswer: HttpAnswer = {
  status: 204,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
};
