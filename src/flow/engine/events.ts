// The security events of flows: who did what, by which method, in which flow, from where.
import type { SecurityEvent } from '../../event/event.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';

export function securityEvent(
  deps: Pick<FlowDeps, 'clock'>,
  of: {
    readonly request: Pick<FlowRequest, 'clientIp' | 'requestId'>;
    readonly flow?: Flow;
    readonly method?: string;
  },
  event: Omit<SecurityEvent, 'atMs' | 'flowId' | 'clientIp' | 'requestId'>,
): SecurityEvent {
  return {
    atMs: deps.clock.nowMs(),
    ...(of.flow ? { flowId: of.flow.id } : {}),
    ...(of.method ? { method: of.method } : {}),
    // One that tells of a credential names its type.
    ...event,
    clientIp: of.request.clientIp,
    requestId: of.request.requestId,
  };
}
