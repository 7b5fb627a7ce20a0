// Security events for people and machines who watch: as a line of the log and as a count. Never what somebody typed.
import type { Log, LogFields, LogSeverity } from '../lib/log.ts';
import type { EventKind, SecurityEvent } from './event.ts';

export interface AnnouncerOptions {
  readonly log: Log;
  /** Counts the event, for metrics. */
  readonly count: (event: SecurityEvent) => void;
}

/** A subscriber of durable events. A watcher that fails must not undo what has happened, so it throws nothing. */
export function createAnnouncer({ log, count }: AnnouncerOptions): (event: SecurityEvent) => void {
  return (event) => {
    try {
      count(event);
      log[severityOf(event.kind)](sentenceOf(event.kind), eventToLogFields(event));
    } catch (error) {
      log.error('a security event could not be announced', { event: event.kind, error });
    }
  };
}

/** The facts of an event that may be printed: ids, names of methods, numbers. Texts among the details stay out. */
export function eventToLogFields(event: SecurityEvent): LogFields {
  const { kind, identityId, sessionId, flowId, method, reason, clientIp, requestId } = event;
  const details: Record<string, number | boolean> = {};
  for (const [name, value] of Object.entries(event.details ?? {})) {
    if (typeof value === 'number' || typeof value === 'boolean') details[name] = value;
  }
  return {
    event: kind,
    ...(identityId === undefined ? {} : { identity_id: identityId }),
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    ...(flowId === undefined ? {} : { flow_id: flowId }),
    ...(method === undefined ? {} : { method }),
    ...(reason === undefined ? {} : { reason: idOnly(reason) }),
    ...(clientIp === undefined ? {} : { client_ip: clientIp }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** Reasons are ids, or several of them with commas. A sentence in their place could hold what a person typed. */
function idOnly(reason: string): string {
  return /^[\w.:,-]{1,64}$/.test(reason) ? reason : 'other';
}

function severityOf(kind: EventKind): LogSeverity {
  switch (kind) {
    // Somebody tries, and fails: worth a look when it happens often.
    case 'login.refused':
    case 'registration.refused':
    case 'settings.refused':
    case 'recovery.refused':
    case 'verification.refused':
    // An account is taken away from somebody.
    case 'identity.disabled':
    case 'identity.deleted':
      return 'warn';
    case 'session.extended':
      return 'debug';
    case 'identity.created':
    case 'identity.updated':
    case 'identity.enabled':
    case 'credential.added':
    case 'credential.changed':
    case 'credential.removed':
    case 'address.changed':
    case 'address.verified':
    case 'login.succeeded':
    case 'registration.succeeded':
    case 'settings.succeeded':
    case 'recovery.requested':
    case 'recovery.succeeded':
    case 'verification.requested':
    case 'verification.succeeded':
    case 'session.issued':
    case 'session.upgraded':
    case 'session.revoked':
      return 'info';
    default:
      return kind satisfies never;
  }
}

/** `login.refused` -> `login refused` */
const sentenceOf = (kind: EventKind): string => kind.replace('.', ' ');
