// Messages to a service of the operator's: e-mail where delivery_strategy is http, SMS and other channels (docs/protocol/platform.md 4.3).
import type { RequestConfig } from '../../config/request.ts';
import { type ServiceRequest, toServiceRequest } from '../../config/service-request.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import type { Jsonnet } from '../../lib/jsonnet/jsonnet.ts';
import { type Outbound, OutboundError } from '../../outbound/outbound.ts';
import { readSource } from '../../outbound/source.ts';
import type { CourierMessage, RenderHtml, TemplateName } from '../message.ts';
import { DeliveryError, type Prepare, SEND_LIMIT_MS } from './delivery.ts';

export interface HttpDelivery {
  readonly request: RequestConfig;
  readonly outbound: Outbound;
  readonly jsonnet: Jsonnet;
  /** For channels that show HTML. */
  readonly html: RenderHtml;
}

/** Any 2xx counts as sent: services answer 200, 201, 202 and 204 for it. */
export function createHttpDelivery(delivery: HttpDelivery): Prepare {
  const { request, outbound } = delivery;
  return async (message) => {
    const value = request.body === undefined ? defaultBody(message) : await evaluated(delivery, message);
    const { url, ...call } = shaped(request, value);
    return async () => {
      const { status } = await outbound.request(url, { ...call, timeoutMs: SEND_LIMIT_MS }).catch(fail);
      if (status >= 200 && status < 300) return;
      throw new DeliveryError(`http_${status}`, `The service that sends messages answered ${status}.`);
    };
  };
}

/** Contract/platform.md 4.3: only these say from where they were asked for. */
const TELLS_OF_REQUEST: ReadonlySet<TemplateName> = new Set<TemplateName>([
  'login_code_valid',
  'registration_code_valid',
  'recovery_code_valid',
]);

/** What the snippet sees. */
async function contextOf({ html }: HttpDelivery, message: CourierMessage): Promise<JsonObject> {
  const htmlBody = message.type === 'email' ? await html(message) : undefined;
  return {
    recipient: message.recipient,
    subject: message.subject,
    body: message.body,
    ...(htmlBody === undefined ? {} : { html_body: htmlBody }),
    template_type: message.templateName,
    template_data: message.templateData,
    message_type: message.type,
    request_headers: TELLS_OF_REQUEST.has(message.templateName) ? message.requestHeaders : {},
  };
}

async function evaluated(delivery: HttpDelivery, message: CourierMessage): Promise<Json> {
  const { request, outbound, jsonnet } = delivery;
  const ctx = await contextOf(delivery, message);
  const limits = { redirects: 3, timeoutMs: SEND_LIMIT_MS };
  const snippet = await readSource(request.body ?? '', (url) => outbound.request(url, limits)).catch(
    (error: unknown) => {
      const reason = `The Jsonnet of the body cannot be read: ${error instanceof Error ? error.message : 'unknown'}`;
      throw new DeliveryError('body_source', reason, { cause: error });
    },
  );
  const result = await jsonnet.evaluate(snippet, { ctx });
  if (result.ok) return result.value;
  throw new DeliveryError(
    `jsonnet_${result.kind}`,
    `The Jsonnet of the body made no value: ${result.message}`,
  );
}

/** Without a snippet of the operator's. */
function defaultBody(message: CourierMessage): JsonObject {
  const { templateData: data } = message;
  return {
    recipient: message.recipient,
    template_type: message.templateName,
    to: data['to'] ?? null,
    recovery_code: data['recovery_code'] ?? null,
    recovery_url: data['recovery_url'] ?? null,
    verification_url: data['verification_url'] ?? null,
    verification_code: data['verification_code'] ?? null,
    subject: message.subject,
    body: message.body,
  };
}

function shaped(request: RequestConfig, value: Json): ServiceRequest {
  try {
    return toServiceRequest(request, value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new DeliveryError('body_shape', `The request to the service cannot be made: ${reason}.`, {
      cause: error,
    });
  }
}

function fail(error: unknown): never {
  if (!(error instanceof OutboundError)) throw error;
  throw new DeliveryError(error.kind, `The service that sends messages did not take it: ${error.message}.`, {
    cause: error,
  });
}
