// Calls that nothing waits for: their context is written with the act, and the worker of the outbox makes the call.
import { setTimeout as wait } from 'node:timers/promises';
import type { Delivery, HookDeps, HookHandlers } from '../../flow/hook/contract.ts';
import { pass } from '../../flow/hook/contract.ts';
import { newUuid } from '../../lib/ids.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { OutboundError } from '../../outbound/outbound.ts';
import type { DeliveryOutcome, OutboxEvent } from '../../outbox/event.ts';
import { signatureHeaders } from '../../outbox/signature.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { createBody, type MakeBody } from './body.ts';
import { requestOf } from './call.ts';
import type { WebHookConfig } from './config.ts';
import { actContext, initContext } from './context.ts';

export function queueing(config: WebHookConfig, { publicUrl, queue }: HookDeps): HookHandlers {
  const target = config.id ?? withoutQuery(config.url);
  // A type cannot tell that settings are JSON; they were read from it.
  const payload = (ctx: JsonObject): JsonObject => ({ config: config as unknown as JsonObject, ctx });
  return {
    init: (context) => {
      const { kind, flow, person, atMs } = context;
      const effect = queue({
        kind: `${kind}.before`,
        target,
        flowId: flow.id,
        identityId: person?.identity.id,
        payload: payload(initContext(context, publicUrl)),
        atMs,
      });
      return Promise.resolve({ ...pass, effect });
    },
    inTransaction: (context) => {
      const { kind, flow, identity, atMs } = context;
      return Promise.resolve(
        queue({
          kind: `${kind}.after`,
          target,
          flowId: flow.id,
          identityId: identity.id,
          payload: payload(actContext(context, publicUrl)),
          atMs,
        }),
      );
    },
  };
}

/** An address may carry a key in its query, and targets are shown in lists. */
function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

/** A service that needs longer to take an event should take it and work on it afterwards. */
const TIMEOUT_MS = 15_000;
const MAX_REDIRECTS = 2;
/** For the source of a body, which may be slow too. */
const BODY_LIMIT_MS = 10_000;

/** Any 2xx counts as taken. A hook with an id is called as it is configured now, any other one as it was at the time. */
export function createDelivery(all: readonly WebHookConfig[], deps: HookDeps): Delivery {
  const bodies = new Map<string, MakeBody>();
  const bodyOf = (config: WebHookConfig): MakeBody => {
    const key = `${config.id ?? ''} ${config.body ?? ''}`;
    const made = bodies.get(key) ?? createBody(config, deps);
    // What was configured in the past is rare; it must not fill the memory.
    if (bodies.size < 100) bodies.set(key, made);
    return made;
  };
  return async (payload, event) => {
    const { config: written, ctx } = payload;
    if (!isJsonObject(written) || !isJsonObject(ctx)) return failed('unreadable');
    // It was sealed, so it is what `queueing` wrote.
    const asWritten = written as unknown as WebHookConfig;
    const config = all.find(({ id }) => id !== undefined && id === asWritten.id) ?? asWritten;
    const request = await inTime(requestOf(config, bodyOf(config), ctx)).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      deps.log.warn('the body of an event cannot be made', { event_id: event.id, error });
      return 'body' as const;
    });
    if (request === undefined) return { isDone: true, label: 'cancelled' };
    return typeof request === 'string' ? failed(request) : send(request, event, deps);
  };
}

async function send(
  {
    url,
    method,
    headers,
    body,
    signingSecrets,
    isTraced,
  }: NonNullable<Awaited<ReturnType<typeof requestOf>>>,
  { id }: OutboxEvent,
  { outbound, clock }: HookDeps,
): Promise<DeliveryOutcome> {
  try {
    const { status } = await outbound.request(url, {
      method,
      headers: {
        ...headers,
        // Always: whoever gets an event twice must be able to tell.
        ...signatureHeaders(signingSecrets, { id, nowMs: clock.nowMs(), body: body ?? '' }),
        ...(isTraced ? { 'Ory-Webhook-Request-ID': newUuid(), 'Ory-Webhook-Trigger-ID': id } : {}),
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs: TIMEOUT_MS,
      redirects: MAX_REDIRECTS,
    });
    const isDone = status >= 200 && status < 300;
    return { isDone, label: isDone ? 'delivered' : `http_${status}` };
  } catch (error) {
    if (error instanceof OutboundError) return failed(error.kind);
    throw error;
  }
}

const failed = (label: string): DeliveryOutcome => ({ isDone: false, label });

async function inTime<T>(work: Promise<T>): Promise<T | 'late'> {
  const over = new AbortController();
  const late = wait(BODY_LIMIT_MS, 'late' as const, { signal: over.signal });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
