// Is this process alive, can it work, what is it, and what does it count? For probes and for those who watch (docs/protocol/http.md 5.6).

import type { Clock } from '../../lib/clock.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { type HttpAnswer, jsonAnswer } from '../port/answer.ts';
import type { Route } from '../port/route.ts';

export interface HealthDeps {
  readonly ready: Readiness;
  readonly version: string;
  /** Names the configuration in force. */
  readonly revision: () => string;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Undefined when everything works, otherwise what does not. */
export type Readiness = () => Promise<Error | undefined>;

export interface ReadinessOptions {
  /** Fails where the store does not answer or has migrations to run. */
  readonly check: () => Promise<void>;
  readonly clock: Clock;
}

/** However often somebody probes, the store is asked once in this time. */
const REMEMBERED_MS = 1_000;
const TIMEOUT_MS = 1_500;

export function createReadiness({ check, clock }: ReadinessOptions): Readiness {
  let last: { readonly result: Promise<Error | undefined>; untilMs: number } | undefined;
  return () => {
    if (last && clock.nowMs() < last.untilMs) return last.result;
    const current = { result: outcomeOf(check), untilMs: Number.POSITIVE_INFINITY };
    last = current;
    // While the store is silent, all who ask wait for the same answer.
    const remember = (): void => {
      current.untilMs = clock.nowMs() + REMEMBERED_MS;
    };
    return current.result.finally(remember);
  };
}

async function outcomeOf(check: () => Promise<void>): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  const done = async (): Promise<Error | undefined> => {
    try {
      await check();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  try {
    return await Promise.race([done(), late]);
  } finally {
    clearTimeout(timer);
  }
}

export const METRICS_PATH = '/admin/metrics/prometheus';

export function publicHealthRoutes({ ready }: Pick<HealthDeps, 'ready'>): readonly Route[] {
  // Strangers need not know what the inside looks like.
  const hidden = () =>
    'The reason is shown on the admin port and in the log only; it may hold internal details.';
  return healthRoutes('/health', ready, hidden);
}

export function adminHealthRoutes(deps: HealthDeps): readonly Route[] {
  const get = (path: string, answer: () => HttpAnswer | Promise<HttpAnswer>): Route => ({
    method: 'GET',
    path: `/admin${path}`,
    handle: async () => answer(),
  });
  return [
    ...healthRoutes('/admin/health', deps.ready, failureText),
    get('/version', () => jsonAnswer(200, { version: deps.version })),
    get('/health/config', () => ({
      status: 200,
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      body: deps.revision(),
    })),
    get(METRICS_PATH.slice('/admin'.length), async () => {
      const { contentType, body } = await deps.metrics();
      return { status: 200, headers: { 'Content-Type': contentType }, body };
    }),
  ];
}

function healthRoutes(
  prefix: string,
  ready: Readiness,
  textOf: (failure: Error) => string,
): readonly Route[] {
  return [
    { method: 'GET', path: `${prefix}/alive`, handle: () => Promise.resolve(ok()) },
    {
      method: 'GET',
      path: `${prefix}/ready`,
      handle: async () => {
        const failure = await ready();
        if (!failure) return ok();
        // The code in the body stays 500, as clients of Kratos know it.
        throw new ApiError({
          ...{ status: 503, bodyCode: 500, message: textOf(failure), cause: failure },
          headers: { 'Retry-After': '2' },
        });
      },
    },
  ];
}

const ok = (): HttpAnswer => jsonAnswer(200, { status: 'ok' });

/** Connections that were refused at several addresses come as one error without text of its own. */
function failureText(failure: Error): string {
  const parts = failure instanceof AggregateError ? failure.errors : [failure];
  return parts.map((part) => (part instanceof Error ? part.message : String(part))).join('; ');
}
