// Who is signed in, as flows need to know it.
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { Identity } from '../../identity/identity.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { isAalEnough, type RequiredAal, reachedAal } from '../../session/aal.ts';
import {
  type ActiveSession,
  type ActiveShownSession,
  authenticate,
  type PresentedCredentials,
} from '../../session/authenticate.ts';
import type { Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import { countFactors, secondFactorTypes } from '../method/factors.ts';

/** The active session of a request, with the credentials that count as second factors. */
export function activeSession(
  deps: FlowDeps,
  presented: PresentedCredentials,
): Promise<ActiveSession | undefined> {
  return authenticate(deps.database.stores.sessions.findByTokenDigest, presented, {
    nowMs: deps.clock.nowMs(),
    factorTypes: secondFactorTypes(deps.methods),
  });
}

/** The same to be shown, with its factors where `required` asks for them. */
export function activeShownSession(
  deps: FlowDeps,
  presented: PresentedCredentials,
  required: RequiredAal,
): Promise<ActiveShownSession | undefined> {
  return authenticate(deps.database.stores.sessions.showByTokenDigest, presented, {
    nowMs: deps.clock.nowMs(),
    factorTypes: required === 'highest_available' ? secondFactorTypes(deps.methods) : [],
  });
}

export interface SignedIn extends ActiveSession {
  readonly identity: Snapshot;
}

/** The same, with all credentials of the person, for flows that offer or change them. */
export async function signedIn(
  deps: FlowDeps,
  presented: PresentedCredentials,
): Promise<SignedIn | undefined> {
  const active = await activeSession(deps, presented);
  const identity = active && (await deps.database.stores.identities.findFull(active.identity.id));
  return identity ? { ...active, identity } : undefined;
}

/** True where the session has shown as many factors as the rule asks of this person. */
export function isLevelEnough(
  deps: FlowDeps,
  of: { readonly session: Session; readonly factors: ActiveSession['factors'] },
  required: RequiredAal,
): boolean {
  const hasSecondFactor = countFactors(of.factors, deps.methods).second > 0;
  return isAalEnough(reachedAal(of.session.authMethods), required, hasSecondFactor);
}

/** Where a browser shows the second factor, and then goes on to `returnTo`. */
export function stepUpUrl(deps: FlowDeps, more: Readonly<Record<string, string | undefined>> = {}): string {
  const url = new URL(`${deps.settings.publicUrl}self-service/login/browser`);
  url.searchParams.set('aal', 'aal2');
  for (const [name, value] of Object.entries(more)) if (value) url.searchParams.set(name, value);
  // In alphabetical order, as recorded.
  url.searchParams.sort();
  return url.href;
}

/**
 * Whose device this is from now on: a person's who has shown all that they have. Whoever has found out a password alone
 * gets no tries of their own at the second factor.
 */
export function knownTo(
  deps: FlowDeps,
  of: Parameters<typeof isLevelEnough>[1] & { readonly identity: Pick<Identity, 'id'> },
): { readonly knownTo?: IdentityId } {
  return isLevelEnough(deps, of, 'highest_available') ? { knownTo: of.identity.id } : {};
}
