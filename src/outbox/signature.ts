// Signatures in the form of Standard Webhooks (https://www.standardwebhooks.com): who receives a call can tell that it is ours and new.
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** The bytes of a secret: `whsec_` and base64, or any other text as it stands. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

export interface SignedCall {
  readonly id: string;
  readonly nowMs: number;
  readonly body: string;
}

/** The headers of one try. Each secret signs, so that a receiver may know the old one or the new one while they are exchanged. */
export function signatureHeaders(
  secrets: readonly string[],
  { id, nowMs, body }: SignedCall,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => {
    const digest = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 ? { 'webhook-signature': signatures.join(' ') } : {}),
  };
}
