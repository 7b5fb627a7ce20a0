// Administrators look after sessions: end, extend and remove them.

import type { Act } from '../event/administrator.ts';
import type { EventStore } from '../event/event.ts';
import type { Clock } from '../lib/clock.ts';
import type { IdentityId, SessionId } from '../lib/ids.ts';
import { notFound } from '../protocol/refusals.ts';
import { extend } from './lifecycle.ts';
import type { SessionStore, SessionWithIdentity } from './store.ts';

export interface SessionAdministrationStores {
  readonly sessions: SessionStore;
  readonly events: EventStore;
  /** Codes and links that would open another session. Those that an administrator made are to be used after this. */
  readonly secrets: {
    deleteOfIdentity(of: {
      readonly identityId: IdentityId | '*';
      readonly purposes: readonly ('login' | 'recovery')[];
      readonly keepsMadeByHand: true;
    }): Promise<void>;
  };
}

const SENT = { purposes: ['login', 'recovery'], keepsMadeByHand: true } as const;

export interface SessionAdministrationDeps {
  readonly clock: Clock;
  /** Runs the work in one transaction; it may run more than once. */
  readonly transaction: <T>(work: (stores: SessionAdministrationStores) => Promise<T>) => Promise<T>;
  readonly lifespanMs: number;
  /** How long before its end a session can be extended. */
  readonly earliestExtendMs: number;
}

/** Ends a session; it is kept. Throws 404 where there is none, and does nothing where it has ended before. */
export function endSession(deps: SessionAdministrationDeps, id: SessionId, act: Act): Promise<void> {
  return deps.transaction(async ({ sessions, events }) => {
    const found = await sessions.find(id);
    if (!found) throw notFound();
    const identityId = found.identity.id;
    const ended = await sessions.revoke({ identityId, id, nowMs: deps.clock.nowMs() });
    if (ended > 0) await events.append(act({ kind: 'session.revoked', identityId, sessionId: id }));
  });
}

/**
 * The session with a full lifespan from now, or as it is where that is not due. One that has ended stays ended: somebody
 * may hold its token who should not. Throws 404.
 */
export function extendSession(
  deps: SessionAdministrationDeps,
  id: SessionId,
  act: Act,
): Promise<SessionWithIdentity> {
  return deps.transaction(async ({ sessions, events }) => {
    const found = await sessions.find(id);
    if (!found) throw notFound();
    const nowMs = deps.clock.nowMs();
    const { session } = found;
    if (!session.active || session.expiresAtMs <= nowMs) return found;
    const extended = extend(session, { nowMs, ...deps });
    if (extended === session) return found;
    await sessions.extend(id, extended.expiresAtMs);
    const of = { kind: 'session.extended', identityId: session.identityId, sessionId: id } as const;
    await events.append(act(of));
    return { ...found, session: extended };
  });
}

/** Removes all sessions of an identity. Throws 404 where it has none. */
export function deleteSessionsOf(
  deps: SessionAdministrationDeps,
  identityId: IdentityId,
  act: Act,
): Promise<void> {
  return deps.transaction(async ({ sessions, events, secrets }) => {
    const count = await sessions.deleteOfIdentity(identityId);
    if (count === 0) throw notFound();
    await secrets.deleteOfIdentity({ identityId, ...SENT });
    const details = { action: 'delete', count };
    await events.append(act({ kind: 'session.revoked', identityId, details }));
  });
}

export interface ManySessions {
  readonly action: 'disable' | 'delete';
  readonly of:
    | { readonly kind: 'sessions'; readonly ids: readonly SessionId[] }
    | { readonly kind: 'identities'; readonly ids: readonly IdentityId[] }
    | { readonly kind: 'all' };
}

/** One call touches no more, so that it keeps nobody waiting. */
const MAX_AT_ONCE = 5_000;

/** Ends or removes many sessions; `more` tells that there may be others left to ask for again. */
export function manageSessions(
  deps: SessionAdministrationDeps,
  { action, of }: ManySessions,
  act: Act,
): Promise<{ readonly processed: number; readonly more: boolean }> {
  return deps.transaction(async ({ sessions, events, secrets }) => {
    const owners = of.kind === 'identities' ? of.ids : of.kind === 'all' ? (['*'] as const) : [];
    for (const identityId of owners) await secrets.deleteOfIdentity({ identityId, ...SENT });
    const processed = await sessions.bulk({
      action,
      limit: MAX_AT_ONCE,
      nowMs: deps.clock.nowMs(),
      ...(of.kind === 'sessions'
        ? { sessionIds: of.ids }
        : { identityIds: of.kind === 'all' ? '*' : of.ids }),
    });
    if (processed > 0) {
      const details = { action, count: processed, [of.kind]: of.kind === 'all' ? true : of.ids };
      await events.append(act({ kind: 'session.revoked', details }));
    }
    return { processed, more: processed === MAX_AT_ONCE };
  });
}
