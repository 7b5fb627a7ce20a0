// A person's own sessions: who am I, what else is signed in, and ending it.

import { parseUuid, type SessionId } from '../../lib/ids.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { noSessionCredentials, secondFactorRequired } from '../../protocol/refusals.ts';
import {
  type ActiveSession,
  type ActiveShownSession,
  hasCredentials,
  type PresentedCredentials,
} from '../../session/authenticate.ts';
import type { SessionWithIdentity } from '../../session/store.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { endOtherSessions } from './end-others.ts';
import { activeSession, activeShownSession, isLevelEnough, stepUpUrl } from './signed-in.ts';

/** How long a proxy may remember that a request without any credential has no session, in seconds. */
const CACHE_ANONYMOUS_S = 60;

/** The session of a request, with as many factors as whoami asks for. 401 without one, 403 with the address of the second step. */
export async function whoami(deps: FlowDeps, presented: PresentedCredentials): Promise<ActiveShownSession> {
  const active = await activeShownSession(deps, presented, deps.settings.whoamiAal);
  if (!active) {
    const isAnonymous = deps.settings.isWhoamiCacheable && !hasCredentials(presented);
    throw noSessionCredentials(isAnonymous ? { 'Ory-Session-Cache-For': String(CACHE_ANONYMOUS_S) } : {});
  }
  if (!isLevelEnough(deps, active, deps.settings.whoamiAal)) throw secondFactorRequired(stepUpUrl(deps));
  return active;
}

/** How long the answer of whoami may be kept, in seconds; undefined where it may not. */
export function whoamiCacheS(
  deps: FlowDeps,
  active: Pick<ActiveShownSession, 'session'>,
): number | undefined {
  const { isWhoamiCacheable, whoamiCacheMaxAgeMs } = deps.settings;
  if (!isWhoamiCacheable) return undefined;
  const leftMs = active.session.expiresAtMs - deps.clock.nowMs();
  const mostMs = whoamiCacheMaxAgeMs !== undefined && whoamiCacheMaxAgeMs > 0 ? whoamiCacheMaxAgeMs : leftMs;
  return Math.max(0, Math.floor(Math.min(leftMs, mostMs) / 1000));
}

export interface OtherSessions {
  readonly sessions: readonly SessionWithIdentity[];
  readonly total: number;
}

/** The active sessions of the person except the one that asks, newest first. */
export async function otherSessions(
  deps: FlowDeps,
  presented: PresentedCredentials,
  page: { readonly offset: number; readonly limit: number },
): Promise<OtherSessions> {
  const { identity, session } = await whoami(deps, presented);
  const of = { identityId: identity.id, exceptId: session.id, active: true } as const;
  const nowMs = deps.clock.nowMs();
  const { sessions } = deps.database.stores;
  const total = await sessions.count(of, nowMs);
  return { sessions: await sessions.list({ ...of, ...page }, nowMs), total };
}

interface Caller {
  readonly credentials: PresentedCredentials;
  readonly clientIp: string;
  readonly requestId: string;
}

/** Ends all other sessions of the person and tells how many that were. */
export async function revokeOtherSessions(deps: FlowDeps, caller: Caller): Promise<number> {
  const active = await requireSession(deps, caller.credentials);
  return revoke(deps, caller, { active });
}

/** Ends one other session of the person. One that is not theirs, or not there, is the same to them as ended. */
export async function revokeOtherSession(deps: FlowDeps, caller: Caller, wanted: string): Promise<void> {
  const active = await requireSession(deps, caller.credentials);
  const id = parseUuid<SessionId>(wanted);
  if (!id) throw new ApiError({ status: 400, message: 'The session id is not a UUID.' });
  if (id === active.session.id) {
    throw new ApiError({ status: 400, message: 'The session that asks cannot end itself here; sign out.' });
  }
  await revoke(deps, caller, { active, id });
}

async function requireSession(deps: FlowDeps, presented: PresentedCredentials): Promise<ActiveSession> {
  const active = await activeSession(deps, presented);
  if (!active) throw noSessionCredentials();
  return active;
}

function revoke(
  deps: FlowDeps,
  caller: Caller,
  of: { readonly active: ActiveSession; readonly id?: SessionId },
): Promise<number> {
  const identityId = of.active.identity.id;
  return deps.database.transaction(async (stores) => {
    const nowMs = deps.clock.nowMs();
    const count = of.id
      ? await stores.sessions.revoke({ identityId, id: of.id, nowMs })
      : await endOtherSessions(stores, { identityId, exceptId: of.active.session.id, nowMs });
    if (count > 0) {
      const subject = { identityId, ...(of.id ? { sessionId: of.id } : {}), details: { count } };
      await stores.events.append(
        securityEvent(deps, { request: caller }, { kind: 'session.revoked', ...subject }),
      );
    }
    return count;
  });
}
