// Saves settings: the flow, the person, the session and what belongs to them, in one transaction.
import type { Change } from '../../identity/change/change.ts';
import { traitsFingerprint } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { planFor } from '../engine/plan.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Flow } from '../flow.ts';
import type { HookSummary } from '../hook/run.ts';
import type { Changed } from '../method/outcome.ts';
import type { SignedIn } from '../session/signed-in.ts';

export interface ToSave extends Submission {
  readonly active: SignedIn;
  readonly saved: Flow;
  readonly successor: Flow;
  readonly changes: readonly Change[];
  readonly effects: HookSummary['effects'];
  readonly again?: unknown;
}

export type SettingsSaved = Awaited<ReturnType<typeof saveSettings>>;

/** Written for exactly one of several submissions of the same flow. */
export function saveSettings(deps: FlowDeps, outcome: Changed, of: ToSave) {
  const { session, identity } = of.active;
  const subject = { identityId: identity.id, sessionId: session.id };
  const plan = planFor(deps, of, {
    identityId: identity.id,
    changes: of.changes,
    guard: { ...outcome.basis, state: 'active', session: session.id, keepsFirstFactor: true },
  });
  return unit(deps.database, async (stores) => {
    if (!(await stores.flows.save(of.saved))) return lost;
    if (outcome.effect && !(await outcome.effect(stores))) return lost;
    const written = await stores.identities.apply(plan);
    if (written.kind !== 'written') return written;
    // Hooks and forms were given somebody who looks different by now, in another part than the one that is changed.
    if (of.again && isDifferent(written.before, identity)) return { kind: 'moved' } as const;
    if (outcome.proof) {
      const when = { nowMs: deps.clock.nowMs(), lifespanMs: deps.settings.sessionLifespanMs };
      const proven = await stores.sessions.prove(session.id, { proof: outcome.proof, ...when });
      if (!proven) return { kind: 'guarded', by: 'session' } as const;
    }
    await stores.flows.insert(of.successor);
    for (const effect of of.effects) await effect(stores);
    await stores.events.append(securityEvent(deps, of, { kind: 'settings.succeeded', ...subject }));
    return written;
  });
}

const isDifferent = (present: FullIdentity, seen: FullIdentity): boolean =>
  factsOf(present) !== factsOf(seen);

function factsOf(identity: FullIdentity): string {
  const { verifiableAddresses, recoveryAddresses, credentials } = identity;
  return JSON.stringify([
    traitsFingerprint(identity),
    verifiableAddresses.map(({ via, value, verified }) => `${via}:${value}:${verified}`),
    recoveryAddresses.map(({ via, value }) => `${via}:${value}`),
    Object.values(credentials)
      .map(({ type, identifiers, config }) => JSON.stringify([type, identifiers, config]))
      .sort(),
  ]);
}
