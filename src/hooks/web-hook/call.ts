// A call whose answer is waited for: made within limits, and what failed becomes a refusal.
import { toServiceRequest } from '../../config/service-request.ts';
import type { HookDeps } from '../../flow/hook/contract.ts';
import { newUuid } from '../../lib/ids.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { OutboundError, type OutboundResponse } from '../../outbound/outbound.ts';
import { signatureHeaders } from '../../outbox/signature.ts';
import { internalFault, serviceFailed, serviceTimedOut } from '../../protocol/refusals.ts';
import type { MakeBody } from './body.ts';
import type { WebHookConfig } from './config.ts';

/** As docs/protocol/platform.md 3.3 has them: per try, and further tries after 429, 5xx and broken connections. */
const TIMEOUT_MS = 30_000;
const RETRIES = 2;
const REDIRECTS = 10;

/** Everything that is sent, apart from what differs between tries. */
export interface WebHookRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signingSecrets: readonly string[];
  /** Each try says its number and the call it belongs to, in Kratos's headers. */
  readonly isTraced: boolean;
}

/** The request as it is made, or undefined where the body wants none. Throws an ApiError. */
export async function requestOf(
  config: WebHookConfig,
  makeBody: MakeBody,
  ctx: JsonObject,
): Promise<WebHookRequest | undefined> {
  const made = await makeBody(ctx);
  if (made.kind === 'cancelled') return undefined;
  return {
    ...shaped(config, made.value),
    signingSecrets: config.signing_secrets ?? [],
    isTraced: config.emit_analytics_event ?? true,
  };
}

function shaped(
  config: WebHookConfig,
  value: Json | undefined,
): Omit<WebHookRequest, 'signingSecrets' | 'isTraced'> {
  const { url, method, headers = {}, auth } = config;
  const of = { url, method, headers, ...(auth ? { auth } : {}) };
  try {
    if (value !== undefined) return toServiceRequest(of, value);
    // There is nothing to say of what type it is.
    const { body: _none, ...request } = toServiceRequest({ ...of, headers: withoutType(headers) }, null);
    return { ...request, headers: withoutType(request.headers) };
  } catch (error) {
    throw internalFault('The request of a web hook cannot be made.', error);
  }
}

const withoutType = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type'));

/** Throws an ApiError where no answer came. A redirect that is not followed is no answer. */
export async function call(
  { outbound, clock }: Pick<HookDeps, 'outbound' | 'clock'>,
  { url, method, headers, body, signingSecrets, isTraced }: WebHookRequest,
): Promise<OutboundResponse> {
  const id = newUuid();
  const response = await outbound
    .request(url, {
      method,
      headers: { ...headers, ...(isTraced ? { 'Ory-Webhook-Trigger-ID': id } : {}) },
      headersOfTry: () => ({
        ...(isTraced ? { 'Ory-Webhook-Request-ID': newUuid() } : {}),
        ...(signingSecrets.length > 0
          ? signatureHeaders(signingSecrets, { id, nowMs: clock.nowMs(), body: body ?? '' })
          : {}),
      }),
      ...(body === undefined ? {} : { body }),
      timeoutMs: TIMEOUT_MS,
      retries: RETRIES,
      redirects: REDIRECTS,
    })
    .catch((error: unknown) => {
      if (!(error instanceof OutboundError)) throw error;
      if (error.kind !== 'timeout') throw serviceFailed(UNUSABLE, error);
      throw serviceTimedOut('A service that has to be asked did not answer in time.', error);
    });
  if (response.status >= 300 && response.status < 400 && response.headers.has('location')) {
    throw serviceFailed(UNUSABLE);
  }
  return response;
}

export const UNUSABLE = 'A service that has to be asked did not answer properly.';
