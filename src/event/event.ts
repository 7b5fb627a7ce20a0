// Security-relevant acts, each written once and in the same unit of work as the act itself.
import type { FlowId, IdentityId, SessionId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';

/** Every kind of event there is. */
export const EVENT_KINDS = [
  'identity.created',
  'identity.updated',
  'identity.disabled',
  'identity.enabled',
  'identity.deleted',
  'credential.added',
  'credential.changed',
  'credential.removed',
  'address.changed',
  'address.verified',
  'login.succeeded',
  'login.refused',
  'registration.succeeded',
  'registration.refused',
  'settings.succeeded',
  'settings.refused',
  'recovery.requested',
  'recovery.succeeded',
  'recovery.refused',
  'verification.requested',
  'verification.succeeded',
  'verification.refused',
  'session.issued',
  'session.upgraded',
  'session.extended',
  'session.revoked',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

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

/** Which events are asked for; everything that is given has to hold. */
export interface EventQuery {
  readonly kinds?: readonly EventKind[];
  readonly identityId?: IdentityId;
  readonly sessionId?: SessionId;
  /** From this time on. */
  readonly sinceMs?: number;
  /** Before this time. */
  readonly untilMs?: number;
  readonly order: 'newest' | 'oldest';
  /** The last event of the page before. */
  readonly after?: Pick<RecordedEvent, 'atMs' | 'position'>;
  readonly limit: number;
}

/** An event as it was stored. */
export interface RecordedEvent extends SecurityEvent {
  /** Tells events of one moment apart. */
  readonly position: number;
}

/** Where events are written; bound to the transaction of the act. */
export interface EventStore {
  append(event: SecurityEvent): Promise<void>;
  list(query: EventQuery): Promise<readonly RecordedEvent[]>;
  /** Removes up to `limit` that are older; returns how many it removed. */
  deleteBefore(beforeMs: number, limit: number): Promise<number>;
}
