// After proof: the same person, the account's state, hooks, then session and flow in one transaction, then where to go.
import type { Change } from '../../identity/change/change.ts';
import { withChanges } from '../../identity/change/decide.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import { tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import { concurrentUpdate, identityMismatch, noSession } from '../../protocol/refusals.ts';
import { addProof, beginSession, newSessionToken } from '../../session/lifecycle.ts';
import type { Session } from '../../session/session.ts';
import { sessionToJson } from '../../session/view.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { replaceFlow } from '../engine/expiry.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { changeRules, planFor } from '../engine/plan.ts';
import { afterUrl } from '../engine/start.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Flow } from '../flow.ts';
import { type BegunByHook, type HookSummary, hooksFor, runHooks } from '../hook/contract.ts';
import { type Authenticated, type ContinueWith, type Rejected, rejected } from '../method/outcome.ts';
import { type AddressProof, addressProof, queueNotice } from '../proof/first-proof.ts';
import { flowPage } from '../proof/submit.ts';
import type { FlowResult } from '../result.ts';
import { isLevelEnough, type SignedIn, stepUpUrl } from '../session/signed-in.ts';
import { settingsAfterProof } from '../settings/after-proof.ts';
import type { Stores } from '../store.ts';
import { beginVerifications } from '../verification/begin.ts';
import { restartLogin } from './create.ts';
import { loginOrder } from './nodes.ts';

export interface LoginSubmission extends Submission {
  readonly active: SignedIn | undefined;
  /** Takes the submission once more, from its start; absent where it was taken often enough. */
  readonly again?: (() => Promise<FlowResult>) | undefined;
}

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
  const proof = await addressProof(deps, outcome.identity, {
    address: outcome.address,
    isOwner: active !== undefined,
  });
  const changes = [...(outcome.changes ?? []), ...proof.changes];
  const atMs = deps.clock.nowMs();
  const identity = withChanges(outcome.identity, changes, { rules: changeRules(deps), nowMs: atMs });
  const draft = draftSession(deps, outcome, of);
  const context = {
    flow,
    request,
    atMs,
    identity,
    session: draft.session,
    begin: () => begin(deps, identity, of),
  };
  const hooks = await runHooks(hooksFor(deps.hooks.login, of.method, 'before'), 'before', context);
  if (hooks.kind !== 'pass') {
    return stoppedByHook(deps, hooks, { step, shown: { patch: { active: of.method } } });
  }
  const settings = await settingsIfEnded(deps, identity, { ...of, proof });
  const toWrite = { ...of, ...draft, changes, proof, settings, effects: hooks.effects };
  const made = await persist(deps, outcome, toWrite);
  if (made.kind !== 'written') return refused(deps, made, of);
  const issued = { ...of, ...draft, settings, session: made.session, identity: made.after };
  const after = await runHooks(hooksFor(deps.hooks.login, of.method, 'after'), 'after', {
    ...context,
    identity: made.after,
    session: made.session,
    ...(hooks.verification ? { verification: hooks.verification } : {}),
  });
  return answer(deps, { ...issued, hooks, after: after.kind === 'pass' ? after : undefined });
}

const disabled = (of: Submission): Rejected =>
  rejected(messages.identityDisabled(), undefined, { active: of.method });

/**
 * Where something ended that a stranger may have made, a browser is led to the settings, which say so and where one sets up
 * anew. Apps go their own way: their person is told by the message alone.
 */
async function settingsIfEnded(
  deps: FlowDeps,
  identity: FullIdentity,
  of: LoginSubmission & { readonly proof: AddressProof },
): Promise<Flow | undefined> {
  const { flow, request } = of;
  if (!of.proof.notice || flow.type !== 'browser' || request.client.isJson) return undefined;
  return settingsAfterProof(deps, {
    identity,
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

interface SessionDraft {
  readonly session: Session;
  readonly token: string;
  /** A browser's session gets a new token with each new proof; a native app keeps the one it holds. */
  readonly isNewToken: boolean;
}

function draftSession(deps: FlowDeps, outcome: Authenticated, of: LoginSubmission): SessionDraft {
  const when = { nowMs: deps.clock.nowMs(), lifespanMs: deps.settings.sessionLifespanMs };
  if (!of.active) {
    const session = beginSession({
      identityId: outcome.identity.id,
      proof: outcome.proof,
      device: of.request.device,
      ...when,
    });
    return { session, token: newSessionToken(), isNewToken: true };
  }
  const isNewToken = of.flow.type === 'browser';
  const token = isNewToken ? newSessionToken() : of.active.token;
  return { session: addProof(of.active.session, outcome.proof, when), token, isNewToken };
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
    const session = active ? await proveSession(deps, stores, outcome, of) : of.session;
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

/** The session with one more proof, beside those that others may have added; undefined where it has ended. */
function proveSession(
  deps: FlowDeps,
  stores: Stores,
  { proof }: Authenticated,
  of: SessionDraft,
): Promise<Session | undefined> {
  return stores.sessions.prove(of.session.id, {
    proof,
    nowMs: deps.clock.nowMs(),
    lifespanMs: deps.settings.sessionLifespanMs,
    tokenDigest: of.isNewToken ? tokenDigest(of.token) : undefined,
  });
}

function answer(
  deps: FlowDeps,
  of: LoginSubmission &
    SessionDraft & {
      readonly identity: FullIdentity;
      readonly settings: Flow | undefined;
      readonly hooks: HookSummary;
      readonly after: HookSummary | undefined;
    },
): FlowResult {
  const { flow, session } = of;
  const nowMs = deps.clock.nowMs();
  const isEnough = isLevelEnough(
    deps,
    { session, factors: Object.values(of.identity.credentials) },
    deps.settings.whoamiAal,
  );
  const identity = identityToJson(of.identity, { publicUrl: deps.settings.publicUrl });
  const shown = (withIdentity: boolean) =>
    sessionToJson(session, { nowMs, identity: withIdentity ? identity : null, identityState: 'active' });
  const page = of.settings && flowPage(deps, of.settings);
  const fromHooks: readonly ContinueWith[] = [...of.hooks.continueWith, ...(of.after?.continueWith ?? [])];
  if (flow.type === 'api') {
    const continueWith = fromHooks.length > 0 ? fromHooks : null;
    return {
      kind: 'done',
      json: { session_token: of.token, session: shown(isEnough), continue_with: continueWith },
    };
  }
  const cookies = {
    session: { token: of.token, expiresAtMs: session.expiresAtMs },
    rotatesCsrf: of.active === undefined,
  };
  if (!isEnough) {
    const asked = new URL(flow.requestUrl).searchParams;
    const url = stepUpUrl(deps, {
      return_to: asked.get('return_to') ?? undefined,
      login_challenge: asked.get('login_challenge') ?? undefined,
    });
    return { kind: 'goto', url, cookies };
  }
  const returnTo = afterUrl(deps, flow, of.method);
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    kind: 'done',
    json: { session: shown(true), continue_with: [next, ...fromHooks] },
    goTo: page ?? of.hooks.goTo ?? of.after?.goTo ?? returnTo,
    cookies,
  };
}
