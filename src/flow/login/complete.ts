// After proof: the same person, the account's state, hooks, then session and flow in one transaction, then where to go.
import { type Change, edit } from '../../identity/change/change.ts';
import { withChanges } from '../../identity/change/decide.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { invariant } from '../../protocol/api-error.ts';
import * as messages from '../../protocol/messages.ts';
import { concurrentUpdate, identityMismatch, noSession } from '../../protocol/refusals.ts';
import { addProof, beginSession, newSessionToken } from '../../session/lifecycle.ts';
import type { Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { replaceFlow } from '../engine/expiry.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { changeRules, planFor } from '../engine/plan.ts';
import { stoppedByHook, withHookError } from '../engine/stopped.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Flow } from '../flow.ts';
import type { BegunByHook, LoginHookContext } from '../hook/contract.ts';
import { changesByHooks } from '../hook/person-changes.ts';
import { type HookSummary, runAfter, runBefore, runInTransaction } from '../hook/run.ts';
import { type Authenticated, type Proof, type Rejected, rejected } from '../method/outcome.ts';
import { type AddressProof, addressProof, queueNotice } from '../proof/first-proof.ts';
import type { FlowResult } from '../result.ts';
import { isLevelEnough } from '../session/signed-in.ts';
import { settingsAfterProof } from '../settings/after-proof.ts';
import type { Stores } from '../store.ts';
import { beginVerifications } from '../verification/begin.ts';
import { loginAnswer } from './answer.ts';
import { restartLogin } from './create.ts';
import { aalToJoin, joinLogin, waitingMethods } from './join.ts';
import { loginOrder } from './nodes.ts';
import type { LoginSubmission, SessionDraft } from './submission.ts';

export async function completeLogin(
  deps: FlowDeps,
  outcome: Authenticated,
  of: LoginSubmission,
): Promise<FlowResult> {
  const { flow, request, active } = of;
  const step = { ...of, order: loginOrder(deps, flow) };
  if (outcome.identity.state !== 'active') return followStep(deps, disabled(of), step);
  // A refresh or a second factor proves the person who is signed in; anybody else would take their session over.
  if (active && active.identity.id !== outcome.identity.id) throw identityMismatch();
  const joined = await joinedBy(deps, outcome, of);
  if (!joined.ok) return followStep(deps, joined.refusal, step);
  const [address, ...others] = outcome.addresses ?? [];
  const proof = await addressProof(deps, outcome.identity, { address, isOwner: active !== undefined });
  const changes = [
    ...(outcome.changes ?? []),
    ...proof.changes,
    ...others.map(edit(outcome.identity).verify),
    ...joined.changes,
  ];
  const atMs = deps.clock.nowMs();
  const identity = withChanges(outcome.identity, changes, { rules: changeRules(deps), nowMs: atMs });
  const draft = draftSession(deps, outcome, { ...of, proofs: joined.proofs });
  const context: LoginHookContext = {
    kind: 'login',
    flow,
    request,
    method: of.method,
    atMs,
    identity,
    session: draft.session,
    beginVerification: () => begin(deps, identity, of),
    verification: undefined,
  };
  const hooks = await runBefore(deps, context);
  if (hooks.kind !== 'pass') {
    return stoppedByHook(deps, hooks, { step, shown: { patch: { active: of.method } } });
  }
  const byHooks = changesByHooks(deps, outcome.identity, { shown: identity, wanted: hooks.identity });
  if (!byHooks.ok) return followStep(deps, { kind: 'rejected', problems: byHooks.problems }, step);
  const settings = await settingsIfEnded(deps, draft.session, { ...of, identity, proof });
  const made = await persist(deps, outcome, {
    ...of,
    ...draft,
    changes: [...changes, ...byHooks.changes],
    proof,
    settings,
    effects: [...hooks.effects, ...(await runInTransaction(deps, { ...context, identity: hooks.identity }))],
  });
  if (made.kind !== 'written') return refused(deps, made, of);
  const issued = { ...of, ...draft, settings, session: made.session, identity: made.after };
  const after = await runAfter(deps, {
    ...context,
    identity: made.after,
    session: made.session,
    verification: hooks.verification,
  });
  return withHookError(await loginAnswer(deps, { ...issued, hooks, after }), after);
}

const disabled = (of: Submission): Rejected =>
  rejected(messages.identityDisabled(), undefined, { active: of.method });

/**
 * Where something ended that a stranger may have made, a browser is led to the settings, which say so and where one sets up
 * anew. Apps go their own way: their person is told by the message alone.
 */
async function settingsIfEnded(
  deps: FlowDeps,
  session: Session,
  of: LoginSubmission & { readonly identity: FullIdentity; readonly proof: AddressProof },
): Promise<Flow | undefined> {
  const { flow, request, identity } = of;
  if (!of.proof.notice || flow.type !== 'browser' || request.client.isJson) return undefined;
  return settingsAfterProof(deps, {
    owner: { identity, session },
    request,
    type: flow.type,
    returnTo: flow.returnTo,
    messages: [messages.credentialsEnded()],
  });
}

/** Why nothing was written, and what follows. */
async function refused(
  deps: FlowDeps,
  made: Exclude<Awaited<ReturnType<typeof persist>>, { kind: 'written' }>,
  of: LoginSubmission,
): Promise<FlowResult> {
  const { flow, request } = of;
  const step = { ...of, order: loginOrder(deps, flow) };
  switch (made.kind) {
    case 'lost':
      return replaceFlow(deps, flow, {
        request,
        restart: restartLogin(deps),
        message: messages.loginExpired,
      });
    case 'guarded':
      if (made.by === 'state') return followStep(deps, disabled(of), step);
      if (made.by === 'session') throw noSession();
      break;
    case 'stale':
    case 'gone':
    case 'taken':
      break;
    default:
      return made satisfies never;
  }
  // What was proven is not so any more. The method looks again: a password that was changed meanwhile is a wrong one now.
  if (of.again) return of.again();
  return followStep(deps, asRejected(messages.generic(concurrentUpdate().reason ?? '')), step);
}

/** Verification of an address before the sign-in goes on; the browser's anti-CSRF token stays as it is. */
async function begin(deps: FlowDeps, identity: FullIdentity, of: LoginSubmission): Promise<BegunByHook> {
  const { flow, request } = of;
  const { csrfToken } = request;
  const which = 'unverified' as const;
  const { begun, effects } = await beginVerifications(deps, {
    identity,
    origin: flow,
    request,
    csrfToken,
    which,
  });
  return { begun, effects };
}

type JoinedBy =
  | { readonly ok: true; readonly changes: readonly Change[]; readonly proofs: readonly Proof[] }
  | { readonly ok: false; readonly refusal: Rejected };

/** What methods that wait in the flow add to it. Where another factor is asked for first, they go on waiting. */
async function joinedBy(
  deps: FlowDeps,
  { identity, proof }: Authenticated,
  of: LoginSubmission,
): Promise<JoinedBy> {
  const proofs = [proof];
  if (waitingMethods(deps, of.flow).length === 0) return { ok: true, changes: [], proofs };
  const { session } = draftSession(deps, { identity }, { ...of, proofs });
  const factors = Object.values(identity.credentials);
  if (!isLevelEnough(deps, { session, factors }, aalToJoin(deps))) {
    return { ok: true, changes: [], proofs };
  }
  const joined = await joinLogin(deps, { ...of, person: of.active }, identity);
  if ('kind' in joined) return { ok: false, refusal: joined };
  return {
    ok: true,
    changes: joined.flatMap(({ changes }) => changes),
    proofs: [...proofs, ...joined.flatMap((each) => each.proof ?? [])],
  };
}

function draftSession(
  deps: FlowDeps,
  { identity }: Pick<Authenticated, 'identity'>,
  of: LoginSubmission & { readonly proofs: readonly Proof[] },
): SessionDraft {
  const { proofs, active } = of;
  const when = { nowMs: deps.clock.nowMs(), lifespanMs: deps.settings.sessionLifespanMs };
  const withProofs = (session: Session, more: readonly Proof[]): Session =>
    more.reduce((so, proof) => addProof(so, proof, when), session);
  if (!active) {
    const [proof, ...more] = proofs;
    invariant(proof, 'a sign-in has a proof');
    const begun = beginSession({
      identityId: identity.id,
      proof,
      device: of.request.device,
      ...when,
    });
    return { proofs, session: withProofs(begun, more), token: newSessionToken(), isNewToken: true };
  }
  const isNewToken = of.flow.type === 'browser';
  const token = isNewToken ? newSessionToken() : active.token;
  return { proofs, session: withProofs(active.session, proofs), token, isNewToken };
}

/** Written for exactly one of several submissions of the same flow; nothing is written for the others. */
function persist(
  deps: FlowDeps,
  outcome: Authenticated,
  of: LoginSubmission &
    SessionDraft & {
      readonly changes: readonly Change[];
      readonly proof: AddressProof;
      readonly settings: Flow | undefined;
      readonly effects: HookSummary['effects'];
    },
) {
  const { active } = of;
  const digest = tokenDigest(of.token);
  const plan = planFor(deps, of, {
    identityId: outcome.identity.id,
    changes: of.changes,
    optional: outcome.optional,
    guard: { ...outcome.basis, state: 'active', session: active?.session.id },
  });
  return unit(deps.database, async (stores) => {
    if (!(await stores.flows.consume(of.flow.id))) return lost;
    if (outcome.effect && !(await outcome.effect(stores))) return lost;
    const written = await stores.identities.apply(plan);
    if (written.kind !== 'written') return written;
    const session = active ? await proveSession(deps, stores, of) : of.session;
    if (!session) return { kind: 'guarded', by: 'session' } as const;
    if (!active) await stores.sessions.insert(session, digest);
    await queueNotice(stores, of.proof, written);
    if (of.settings) await stores.flows.insert(of.settings);
    for (const effect of of.effects) await effect(stores);
    const subject = { identityId: outcome.identity.id, sessionId: session.id };
    await stores.events.append(securityEvent(deps, of, { kind: 'login.succeeded', ...subject }));
    const kind = active ? 'session.upgraded' : 'session.issued';
    await stores.events.append(securityEvent(deps, of, { kind, ...subject }));
    return { ...written, session };
  });
}

/** The session with its new proofs, beside those that others may have added; undefined where it has ended. */
async function proveSession(deps: FlowDeps, stores: Stores, of: SessionDraft): Promise<Session | undefined> {
  let proven: Session | undefined;
  for (const proof of of.proofs) {
    proven = await stores.sessions.prove(of.session.id, {
      proof,
      nowMs: deps.clock.nowMs(),
      lifespanMs: deps.settings.sessionLifespanMs,
      tokenDigest: of.isNewToken ? tokenDigest(of.token) : undefined,
    });
    if (!proven) return undefined;
  }
  return proven;
}
