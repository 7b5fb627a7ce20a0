// Events for services of the operator's: kept with the act that caused them until the service has taken them.
import type { IdentityId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';

/** `abandoned`: it was tried for as long as the configuration says. It can be replayed, as what was delivered can. */
export const EVENT_STATUSES = ['queued', 'sending', 'delivered', 'abandoned'] as const;
export type OutboxStatus = (typeof EVENT_STATUSES)[number];

export interface OutboxEvent {
  /** The same in every try: whoever gets an event twice can tell that it is the same one. */
  readonly id: string;
  readonly status: OutboxStatus;
  /** What happened: `login.after`, `registration.before` … */
  readonly kind: string;
  /** Which service gets it: the id of its hook, or the address without its query. */
  readonly target: string;
  /** Events of one stream are delivered one after the other, in the order in which they were written. */
  readonly stream: string;
  readonly identityId?: IdentityId;
  readonly flowId: string;
  /** Name of the hook that queued it and hands it over. */
  readonly hook: string;
  /** What the hook needs for it, sealed: it holds what is known of people. */
  readonly sealedPayload: string;
  /** Tries so far. */
  readonly attempts: number;
  readonly nextAttemptAtMs: number;
  readonly createdAtMs: number;
  /** When it was queued the last time; a replay queues it again. */
  readonly queuedAtMs: number;
  readonly updatedAtMs: number;
}

/** One try. */
export interface OutboxAttempt {
  readonly id: string;
  readonly eventId: string;
  /** `delivered`, `cancelled`, or why it failed: `http_503`, `timeout`, `network`. */
  readonly outcome: string;
  readonly tookMs: number;
  readonly atMs: number;
}

/** What became of a try, as the hook tells it. */
export interface DeliveryOutcome {
  readonly isDone: boolean;
  readonly label: string;
}

/** An event that one worker may deliver until its lease runs out. */
export interface ClaimedEvent {
  readonly event: OutboxEvent;
  readonly lease: string;
}

export interface OutboxFilter {
  readonly status?: OutboxStatus;
  readonly target?: string;
  readonly identityId?: string;
  /** Written at this time or later. */
  readonly sinceMs?: number;
  /** Written before this time. */
  readonly untilMs?: number;
}

export interface OutboxPage extends OutboxFilter {
  /** Newest first: only events older than this position. */
  readonly after?: { readonly createdAtMs: number; readonly id: string };
  readonly limit: number;
}

export interface OutboxStore {
  /** Writes the event in the caller's transaction. */
  insert(event: OutboxEvent): Promise<void>;
  /**
   * Claims up to `limit` events whose time has come, and those whose lease ran out: a worker that crashed loses none. Of
   * each stream only the oldest that waits. `attempts` is counted up with the claim.
   */
  claim(of: {
    readonly nowMs: number;
    readonly leaseMs: number;
    readonly limit: number;
    readonly exceptTargets: readonly string[];
  }): Promise<readonly ClaimedEvent[]>;
  /** Writes down a try and what follows; false, and nothing written, where the lease is somebody else's by now. */
  settle(of: {
    readonly eventId: string;
    readonly lease: string;
    readonly status: Exclude<OutboxStatus, 'sending'>;
    readonly nextAttemptAtMs: number;
    readonly attempt: OutboxAttempt;
  }): Promise<boolean>;
  /** When the next event is due; undefined where none waits. */
  nextDueAtMs(): Promise<number | undefined>;
  find(
    id: string,
  ): Promise<{ readonly event: OutboxEvent; readonly attempts: readonly OutboxAttempt[] } | undefined>;
  list(page: OutboxPage): Promise<readonly OutboxEvent[]>;
  /** Queues again what was delivered or given up; returns how many. At most `limit`, the oldest first. */
  replay(
    of: OutboxFilter & { readonly id?: string; readonly nowMs: number; readonly limit: number },
  ): Promise<number>;
  /** Removes up to `limit` that are delivered or given up and were last touched before. */
  deleteSettledBefore(beforeMs: number, limit: number): Promise<number>;
}

export function eventToJson(event: OutboxEvent, toText: (ms: number) => string): JsonObject {
  return {
    id: event.id,
    status: event.status,
    kind: event.kind,
    target: event.target,
    identity_id: event.identityId ?? null,
    flow_id: event.flowId,
    attempts: event.attempts,
    next_attempt_at: event.status === 'queued' ? toText(event.nextAttemptAtMs) : null,
    created_at: toText(event.createdAtMs),
    updated_at: toText(event.updatedAtMs),
  };
}
