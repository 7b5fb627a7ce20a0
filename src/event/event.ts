// Security-relevant acts, each written once and in the same unit of work as the act itself.
import type { FlowId, IdentityId, SessionId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';

export type EventKind =
  | 'identity.created'
  | 'identity.updated'
  | 'identity.disabled'
  | 'identity.enabled'
  | 'identity.deleted'
  | 'credential.added'
  | 'credential.changed'
  | 'credential.removed'
  | 'address.changed'
  | 'address.verified'
  | 'login.succeeded'
  | 'login.refused'
  | 'registration.succeeded'
  | 'registration.refused'
  | 'settings.succeeded'
  | 'settings.refused'
  | 'recovery.requested'
  | 'recovery.succeeded'
  | 'recovery.refused'
  | 'verification.requested'
  | 'verification.succeeded'
  | 'verification.refused'
  | 'session.issued'
  | 'session.upgraded'
  | 'session.extended'
  | 'session.revoked';

export interface SecurityEvent {
  readonly kind: EventKind;
  readonly atMs: number;
  readonly identityId?: IdentityId;
  readonly sessionId?: SessionId;
  readonly flowId?: FlowId;
  /** Name of the method that was used, where one was. */
  readonly method?: string;
  /** Why it was refused: a message or error id, never text that holds what the person typed. */
  readonly reason?: string;
  readonly clientIp?: string;
  readonly requestId?: string;
  readonly details?: JsonObject;
}

/** Where events are written; bound to the transaction of the act. */
export interface EventStore {
  append(event: SecurityEvent): Promise<void>;
  /** Removes up to `limit` that are older; returns how many it removed. */
  deleteBefore(beforeMs: number, limit: number): Promise<number>;
}
