// What a call says: made by the Jsonnet of the configuration, or by a function of the program that embeds Bia.
import type { HookDeps } from '../../flow/hook/contract.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { createRefreshed } from '../../lib/refreshed.ts';
import { readSource, SOURCE_LIMIT_BYTES } from '../../outbound/source.ts';
import { internalFault } from '../../protocol/refusals.ts';
import type { WebHookConfig } from './config.ts';

/** `cancelled`: the body wants no call; the flow goes on. */
export type MadeBody =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'value'; readonly value: Json | undefined };

/** Throws an ApiError where it cannot be made. */
export type MakeBody = (ctx: JsonObject) => Promise<MadeBody>;

const MAX_AGE_MS = 60 * 60_000;
const REST_MS = 1_000;
const SOURCE_REQUEST = { redirects: 3, retries: 2, timeoutMs: 10_000, maxBytes: SOURCE_LIMIT_BYTES };

/** A text that is `error 'cancel'` in the snippet, as the evaluator tells it. */
const CANCEL = /^(?:RUNTIME ERROR: |runtime error: )?cancel(?: \(line|$)/i;

export function createBody(
  { id, body }: WebHookConfig,
  { bodies, outbound, jsonnet, clock, log }: HookDeps,
): MakeBody {
  const own = id === undefined ? undefined : bodies[id];
  if (own) {
    return async (ctx) => {
      const value = await own(ctx);
      return value === undefined ? { kind: 'cancelled' } : { kind: 'value', value };
    };
  }
  if (body === undefined) return () => Promise.resolve({ kind: 'value', value: undefined });
  const source = createRefreshed({
    clock,
    maxAgeMs: body.startsWith('http') ? MAX_AGE_MS : Number.POSITIVE_INFINITY,
    restMs: REST_MS,
    load: () => readSource(body, (url) => outbound.request(url, SOURCE_REQUEST)),
  });
  return async (ctx) => {
    const snippet = await source.get().catch((error: unknown) => {
      throw internalFault('The body of a web hook cannot be read.', error);
    });
    const result = await jsonnet.evaluate(snippet, { ctx });
    if (result.ok) return { kind: 'value', value: result.value };
    if (result.kind === 'snippet' && CANCEL.test(result.message)) return { kind: 'cancelled' };
    log.error('the Jsonnet of a web hook failed', { hook: id ?? '', reason: result.message });
    throw internalFault('The body of a web hook cannot be made.');
  };
}
