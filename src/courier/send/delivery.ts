// Handing a message over: what every way of sending offers, and why it can fail.

import type { JsonObject } from '../../lib/json.ts';
import { statusText } from '../../protocol/api-error.ts';
import type { CourierMessage } from '../message.ts';

/** Hands a prepared message over. Throws DeliveryError; takes no longer than SEND_LIMIT_MS. */
export type Send = () => Promise<void>;

/**
 * Makes a message ready. Texts and bodies may come from slow places; nothing of it has left when that fails. What reaches
 * the other side is in `Send` alone, so that a worker can look at its lease in between. Throws DeliveryError.
 */
export type Prepare = (message: CourierMessage) => Promise<Send>;

/** Contract/platform.md 4.2 and 4.3: both mail servers and services have this long to take a message. */
export const SEND_LIMIT_MS = 10_000;

export class DeliveryError extends Error {
  /** Whether another attempt must fail as well, so that none is made. */
  readonly isFinal: boolean;
  /** For logs and for telling failures apart: `smtp_550`, `ECONNREFUSED`, `http_503`. */
  readonly label: string;

  constructor(label: string, reason: string, options: { isFinal?: boolean; cause?: unknown } = {}) {
    super(reason, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'DeliveryError';
    this.label = label;
    this.isFinal = options.isFinal ?? false;
  }
}

/** As the attempts of a message show it to administrators: the form of every error of the protocol (docs/protocol/http.md 0.5). */
export function deliveryErrorToJson({ label, message }: DeliveryError): JsonObject {
  return {
    code: 500,
    status: statusText(500),
    reason: message,
    message: 'The message could not be handed over.',
    details: { failure: label },
  };
}
