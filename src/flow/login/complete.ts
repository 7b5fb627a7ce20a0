// After proof: the same person, the account's state, hooks, then session and flow in one transaction, then where to go.

import type { FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import { tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import { identityMismatch } from '../../protocol/refusals.ts';
import { addProof, beginSession, newSessionToken } from '../../session/lifecycle.ts';
import type { Session } from '../../session/session.ts';
import { sessionToJson } from '../../session/view.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { replaceFlow } from '../engine/expiry.ts';
import { followStep } from '../engine/follow.ts';
import { onlyOnce } from '../engine/only-once.ts';
import { afterUrl } from '../engine/start.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Flow } from '../flow.ts';
import { type BegunByHook, type HookSummary, hooksFor, runHooks } from '../hook/contract.ts';
import { type Authenticated, type ContinueWith, type Effect, rejected } from '../method/outcome.ts';
import { leaveForServer } from '../oauth2/login-challenge.ts';
import { withVerifiedAddress } from '../proof/verified-address.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { isLevelEnough, type SignedIn, stepUpUrl } from '../session/signed-in.ts';
import { beginVerifications } from '../verification/begin.ts';
import { restartLogin } from './create.ts';
import { loginOrder } from './nodes.ts';

interface Submitted {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly method: string;
  readonly active: SignedIn | undefined;
}

export async function completeLogin(
  deps: FlowDeps,
  authenticated: Authenticated,
  of: Submitted,
): Promise<FlowResult> {
  const { flow, request, active } = of;
  const outcome = withProvenAddress(deps, authenticated, of);
  const step = { ...of, order: loginOrder(deps, flow) };
  if (outcome.identity.state !== 'active') {
    const refused = rejected(messages.identityDisabled(), undefined, { active: of.method });
    return followStep(deps, refused, step);
  }
  // A refresh or a second factor proves the person who is signed in; anybody else would take their session over.
  if (active && active.identity.id !== outcome.identity.id) throw identityMismatch();
  const draft = draftSession(deps, outcome, of);
  const atMs = deps.clock.nowMs();
  const context = {
    flow,
    request,
    atMs,
    identity: outcome.identity,
    session: draft.session,
    begin: () => begin(deps, outcome.identity, of),
  };
  const hooks = await runHooks(hooksFor(deps.hooks.login, of.method, 'before'), 'before', context);
  if (hooks.kind !== 'pass') {
    return stoppedByHook(deps, hooks, { step, shown: { patch: { active: of.method } } });
  }
  if (!(await persist(deps, outcome, { ...of, ...draft, effects: hooks.effects }))) {
    return replaceFlow(deps, flow, { request, restart: restartLogin(deps), message: messages.loginExpired });
  }
  const after = await runHooks(hooksFor(deps.hooks.login, of.method, 'after'), 'after', {
    ...context,
    ...(hooks.verification ? { verification: hooks.verification } : {}),
  });
  return answer(deps, outcome, { ...of, ...draft, hooks, after: after.kind === 'pass' ? after : undefined });
}

/** A proof that went through an address verifies it, in the transaction of the sign-in. */
function withProvenAddress(deps: FlowDeps, outcome: Authenticated, of: Submitted): Authenticated {
  const identity = withVerifiedAddress(outcome.identity, outcome.address, deps.clock.nowMs());
  if (identity === outcome.identity) return outcome;
  const effect: Effect = async (stores) => {
    if (outcome.effect && !(await outcome.effect(stores))) return false;
    await stores.identities.update(identity);
    const verified = { kind: 'address.verified', identityId: identity.id } as const;
    await stores.events.append(securityEvent(deps, of, verified));
    return true;
  };
  return { ...outcome, identity, effect };
}

/** Verification of an address before the sign-in goes on; the browser's anti-CSRF token stays as it is. */
async function begin(deps: FlowDeps, identity: FullIdentity, of: Submitted): Promise<BegunByHook> {
  const { flow, request } = of;
  const csrfToken = request.csrfToken;
  const begun = await beginVerifications(deps, {
    identity,
    origin: flow,
    request,
    csrfToken,
    which: 'unverified',
  });
  const effects: readonly Effect[] = [
    async (stores) => {
      await stores.identities.update(begun.identity);
      return true;
    },
    ...begun.effects,
  ];
  return { begun: begun.begun, effects: begun.begun.length > 0 ? effects : [] };
}

interface SessionDraft {
  readonly session: Session;
  readonly token: string;
  /** A browser's session gets a new token with each new proof; a native app keeps the one it holds. */
  readonly isNewToken: boolean;
}

function draftSession(deps: FlowDeps, outcome: Authenticated, of: Submitted): SessionDraft {
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

/** True for exactly one of several submissions of the same flow; nothing is written for the others. */
function persist(
  deps: FlowDeps,
  outcome: Authenticated,
  of: Submitted & SessionDraft & { readonly effects: HookSummary['effects'] },
): Promise<boolean> {
  const digest = tokenDigest(of.token);
  const subject = { identityId: outcome.identity.id, sessionId: of.session.id };
  return onlyOnce(deps.database, async (stores) => {
    if (!(await stores.flows.consume(of.flow.id))) return false;
    if (outcome.effect && !(await outcome.effect(stores))) return false;
    if (of.active) await stores.sessions.update(of.session, of.isNewToken ? digest : undefined);
    else await stores.sessions.insert(of.session, digest);
    for (const effect of of.effects) await effect(stores);
    await stores.events.append(securityEvent(deps, of, { kind: 'login.succeeded', ...subject }));
    const kind = of.active ? 'session.upgraded' : 'session.issued';
    await stores.events.append(securityEvent(deps, of, { kind, ...subject }));
    return true;
  });
}

async function answer(
  deps: FlowDeps,
  outcome: Authenticated,
  of: Submitted & SessionDraft & { readonly hooks: HookSummary; readonly after: HookSummary | undefined },
): Promise<FlowResult> {
  const { flow, session } = of;
  const nowMs = deps.clock.nowMs();
  const isEnough = isLevelEnough(
    deps,
    { session, factors: Object.values(outcome.identity.credentials) },
    deps.settings.whoamiAal,
  );
  const identity = identityToJson(outcome.identity, { publicUrl: deps.settings.publicUrl });
  const shown = (withIdentity: boolean) =>
    sessionToJson(session, { nowMs, identity: withIdentity ? identity : null, identityState: 'active' });
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
  if (flow.loginChallenge) {
    const { authMethods } = session;
    const person = { identityId: outcome.identity.id, session, authMethods, cookies };
    return leaveForServer(deps, flow.loginChallenge, person);
  }
  const returnTo = afterUrl(deps, flow, of.method);
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    kind: 'done',
    json: { session: shown(true), continue_with: [next, ...fromHooks] },
    goTo: of.hooks.goTo ?? of.after?.goTo ?? returnTo,
    cookies,
  };
}
