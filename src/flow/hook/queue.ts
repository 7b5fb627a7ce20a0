// What hooks queue for later: sealed with the act, and opened for the hook again when it is handed over.
import type { Sealer } from '../../lib/cipher.ts';
import { newUuid } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Log } from '../../lib/log.ts';
import type { DeliveryOutcome, OutboxEvent } from '../../outbox/event.ts';
import type { Delivery, HookDeps } from './contract.ts';

/** The writer of one hook's events. */
export function createQueue(hook: string, sealer: Sealer): HookDeps['queue'] {
  return ({ kind, target, flowId, identityId, payload, atMs }) => {
    const event: OutboxEvent = {
      id: newUuid(),
      status: 'queued',
      kind,
      target,
      stream: `${target} ${identityId ?? flowId}`,
      ...(identityId ? { identityId } : {}),
      flowId,
      hook,
      sealedPayload: sealer.seal(JSON.stringify(payload)),
      attempts: 0,
      nextAttemptAtMs: atMs,
      createdAtMs: atMs,
      queuedAtMs: atMs,
      updatedAtMs: atMs,
    };
    return async (stores) => {
      await stores.outbox.insert(event);
      return true;
    };
  };
}

/** Hands an event to the hook that queued it. An event that nobody can hand over waits, and is given up in the end. */
export function createDeliver(
  deliveries: ReadonlyMap<string, Delivery>,
  { log, sealerFor }: { readonly log: Log; readonly sealerFor: (hook: string) => Sealer },
): (event: OutboxEvent) => Promise<DeliveryOutcome> {
  return async (event) => {
    const delivery = deliveries.get(event.hook);
    if (!delivery) return { isDone: false, label: 'no_hook' };
    const opened = sealerFor(event.hook).open(event.sealedPayload);
    if (opened === undefined) {
      log.error('an event cannot be opened: was a secret removed that it was sealed with?', {
        event_id: event.id,
      });
      return { isDone: false, label: 'unreadable' };
    }
    // It was sealed, so it is what the queue wrote.
    return delivery(JSON.parse(opened) as JsonObject, event);
  };
}
