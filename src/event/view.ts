// A security event as the admin API and exports show it.
import { toRfc3339 } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import type { RecordedEvent } from './event.ts';

/** Members that an event does not have are left out. */
export function eventToJson(event: RecordedEvent): JsonObject {
  const { position, kind, atMs, identityId, sessionId, flowId, method, reason, clientIp, requestId } = event;
  return {
    id: String(position),
    kind,
    at: toRfc3339(atMs),
    ...(identityId === undefined ? {} : { identity_id: identityId }),
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    ...(flowId === undefined ? {} : { flow_id: flowId }),
    ...(method === undefined ? {} : { method }),
    ...(reason === undefined ? {} : { reason }),
    ...(clientIp === undefined ? {} : { client_ip: clientIp }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(event.details === undefined ? {} : { details: event.details }),
  };
}
