// The official client for fetch, in a page or in an app, and the proof that it understood what came.
import assert from 'node:assert/strict';
import { Configuration, isGenericErrorResponse, ResponseError } from '@ory/client-fetch';
import { createCookieJar } from './browser.ts';

export interface OryConnection {
  readonly configuration: Configuration;
  /** Passes on what the client made of the last answer; fails where a value of that answer got lost on the way. */
  readonly understood: <T>(result: T) => T;
}

/** Asks for JSON as a page that works by script does; in a page it sends cookies along, in an app it has none. */
export function connectOryClient(basePath: string, where: 'page' | 'app'): OryConnection {
  const cookies = createCookieJar();
  let received: unknown;
  const configuration = new Configuration({
    basePath,
    headers: { accept: 'application/json' },
    fetchApi: async (input: string | URL | Request, init?: RequestInit) => {
      const headers = new Headers(init?.headers);
      const cookie = cookies.header();
      if (cookie) headers.set('cookie', cookie);
      const response = await fetch(input, { ...init, headers });
      if (where === 'page') cookies.take(response);
      const text = await response.clone().text();
      received = text === '' ? undefined : JSON.parse(text);
      return response;
    },
  });
  return {
    configuration,
    understood: (result) => {
      assert.notEqual(received, undefined, 'the answer was empty');
      assertKept(received, result, '');
      return result;
    },
  };
}

/** Every value that was sent is there, and dates are dates. What is null may be absent. */
function assertKept(sent: unknown, got: unknown, at: string): void {
  if (sent === null) return;
  if (got instanceof Date) {
    assert.equal(got.getTime(), Date.parse(String(sent)), at);
    return;
  }
  if (typeof sent !== 'object') {
    assert.equal(got, sent, at);
    return;
  }
  assert.ok(typeof got === 'object' && got !== null, `${at} got lost`);
  const kept = new Map(Object.entries(got));
  for (const [name, value] of Object.entries(sent)) assertKept(value, kept.get(name), `${at}/${name}`);
}

/** What the client makes of a refusal. */
export async function refusal(
  asked: Promise<unknown>,
): Promise<{ readonly status: number; readonly id?: string }> {
  const error = await asked.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ResponseError, String(error));
  const body: unknown = await error.response.json();
  const id = isGenericErrorResponse(body) ? body.error.id : undefined;
  return { status: error.response.status, ...(id === undefined ? {} : { id }) };
}
