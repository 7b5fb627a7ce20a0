// After the proof of a verification: the address is verified, and the form leads on to the application.

import type { EventKind } from '../../event/event.ts';
import { csrfNode, type Node } from '../../form/node.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { IdentityConflict } from '../../identity/store.ts';
import { tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { asRejected, followStep, withoutTransientPayload } from '../engine/follow.ts';
import { onlyOnce } from '../engine/only-once.ts';
import { returnUrl } from '../engine/start.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Flow, LoginChallenge } from '../flow.ts';
import { effectsOf, type HookContext, hooksFor, runHooks } from '../hook/contract.ts';
import type { Effect, Proven } from '../method/outcome.ts';
import { leaveForServer, signInForChallenge } from '../oauth2/login-challenge.ts';
import { startOver } from '../proof/submit.ts';
import { withVerifiedAddress } from '../proof/verified-address.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { isLevelEnough, signedIn } from '../session/signed-in.ts';
import { checkPendingChange, type PendingCheck } from './pending-change.ts';

interface Submitted {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly method: string;
}

export async function completeVerification(
  deps: FlowDeps,
  proven: Proven,
  of: Submitted,
): Promise<FlowResult> {
  const { flow, request } = of;
  const nowMs = deps.clock.nowMs();
  const step = { ...of, order: (nodes: readonly Node[]) => nodes };
  const pending = await checkPendingChange(deps, flow, proven);
  if (pending.kind === 'stale') return showStale(deps, proven, of);
  const change = pending.kind === 'ready' ? pending : undefined;
  const identity = change?.identity ?? withVerifiedAddress(proven.identity, proven.address, nowMs);
  const context = { flow, request, atMs: nowMs, identity };
  const hooks = await runHooks(hooksFor(deps.hooks.verification, of.method, 'before'), 'before', context);
  if (hooks.kind !== 'pass') return stoppedByHook(deps, hooks, { step });
  const settings = change && (await settingsHooks(deps, change, { ...context, previous: proven.identity }));
  const effects = [...hooks.effects, ...(settings?.effects ?? [])];
  const passed = passedFlow(deps, proven, of);
  try {
    const isFirst = await persist(deps, proven, {
      ...of,
      passed,
      identity,
      effects,
      isChange: change !== undefined,
    });
    if (!isFirst) {
      const outcome = { message: messages.verificationAlreadyDone() };
      return await startOver(deps, 'verification', { outcome, old: flow, request });
    }
  } catch (error) {
    // Somebody else took the address while the change waited.
    if (!(error instanceof IdentityConflict)) throw error;
    return followStep(deps, asRejected(messages.duplicateIdentifier()), step);
  }
  await runHooks(hooksFor(deps.hooks.verification, of.method, 'after'), 'after', context);
  await settings?.after();
  if (flow.loginChallenge) return goOnForChallenge(deps, flow.loginChallenge, { ...of, passed });
  const rotatesCsrf = proven.isFollowedLink && flow.type === 'browser' && !request.csrfFromCookie;
  return {
    kind: 'form',
    flow: withoutTransientPayload(passed),
    jsonStatus: 200,
    ...(rotatesCsrf ? { cookies: { rotatesCsrf } } : {}),
  };
}

/**
 * Back to the OAuth2 server, for the browser that signed up: it holds the session with which the verification began. Another
 * one gets no session from here: whoever reads a code is not the person who is signed in.
 */
async function goOnForChallenge(
  deps: FlowDeps,
  challenge: LoginChallenge,
  of: Submitted & { readonly passed: Flow },
): Promise<FlowResult> {
  const passed = withoutTransientPayload(of.passed);
  const active = await signedIn(deps, of.request.credentials);
  const isSame = active !== undefined && active.session.id === of.flow.sessionId;
  const factors = Object.values(active?.identity.credentials ?? {});
  if (!isSame || !isLevelEnough(deps, { session: active.session, factors }, deps.settings.whoamiAal)) {
    return { kind: 'form', flow: passed, jsonStatus: 200 };
  }
  const { session, token } = active;
  const cookies = { session: { token, expiresAtMs: session.expiresAtMs } };
  const person = { identityId: session.identityId, session, authMethods: session.authMethods, cookies };
  const left = await leaveForServer(deps, challenge, person);
  if (left.kind !== 'goto' || !of.request.client.isJson) return left;
  const nodes = passed.form.nodes.map(
    (node): Node =>
      node.type === 'a' && node.attributes.node_type === 'a'
        ? { ...node, attributes: { ...node.attributes, href: left.url } }
        : node,
  );
  // Kratos shows the payload in this answer and in no other of a verification.
  const transientPayload = of.flow.transientPayload ?? {};
  const shown = { ...passed, transientPayload, form: { ...passed.form, nodes } };
  return { kind: 'form', flow: shown, jsonStatus: 200, cookies };
}

/** The proof is right, but what it was for cannot happen any more: it is told like a wrong one. */
function showStale(deps: FlowDeps, { ifStale }: Proven, of: Submitted): Promise<FlowResult> {
  const { flow, request, method } = of;
  const restart = { kind: 'restart', message: messages.verificationFailed() } as const;
  const outcome = ifStale ?? restart;
  if (outcome.kind === 'continue')
    return followStep(deps, outcome, { ...of, method, order: (nodes) => nodes });
  return startOver(deps, 'verification', { outcome, old: flow, request });
}

/** True for exactly one of several submissions; the secret is used up, and with it all others of the flow. */
function persist(
  deps: FlowDeps,
  proven: Proven,
  of: Submitted & {
    readonly passed: Flow;
    readonly identity: FullIdentity;
    readonly effects: readonly Effect[];
    readonly isChange: boolean;
  },
): Promise<boolean> {
  const { identity, passed } = of;
  const subject = { identityId: identity.id };
  return onlyOnce(deps.database, async (stores) => {
    if (!(await stores.flows.save(passed)) || !(await proven.effect(stores))) return false;
    await stores.secrets.deleteOfFlow(passed.id);
    const happened: EventKind[] = [];
    if (identity !== proven.identity) {
      await stores.identities.update(identity);
      happened.push('address.verified');
    }
    if (of.isChange) happened.push('identity.updated', 'address.changed');
    for (const effect of of.effects) await effect(stores);
    for (const kind of [...happened, 'verification.succeeded'] as const) {
      await stores.events.append(securityEvent(deps, of, { kind, ...subject }));
    }
    return true;
  });
}

/** The hooks of the settings in which the change was made; they run now that it is written. */
async function settingsHooks(
  deps: FlowDeps,
  { change, session }: Extract<PendingCheck, { kind: 'ready' }>,
  verified: HookContext,
): Promise<{ readonly effects: readonly Effect[]; readonly after: () => Promise<unknown> }> {
  const { composeNotice, settings, hooks } = deps;
  const context = { ...verified, session, composeNotice, publicUrl: settings.publicUrl };
  const run = (phase: 'together' | 'after') =>
    runHooks(hooksFor(hooks.settings, change.method, phase), phase, context);
  return { effects: effectsOf(await run('together')), after: () => run('after') };
}

/** The finished flow: nothing to fill in any more, only the way on. */
function passedFlow(deps: FlowDeps, proven: Proven, { flow, request, method }: Submitted): Flow {
  const { settings } = deps;
  const goOn = returnUrl(
    deps,
    flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to'),
    settings.afterUrls.verification.all ?? settings.defaultReturnUrl,
  );
  const message = proven.address?.via === 'sms' ? messages.phoneVerified() : messages.emailVerified();
  const label = messages.continueLabel();
  const way: Node = {
    type: 'a',
    group: method,
    attributes: {
      node_type: 'a',
      id: 'continue',
      // Whoever verified in another browser signs in there for the OAuth2 server.
      href: flow.loginChallenge ? signInForChallenge(deps, flow.loginChallenge) : goOn,
      title: label,
    },
    messages: [],
    meta: { label },
  };
  // Whoever opens the link in another browser is to see the page there.
  const opener = request.csrfFromCookie ? request.csrfToken : request.nextCsrfToken;
  return {
    ...flow,
    state: 'passed_challenge',
    ...(proven.isFollowedLink && flow.type === 'browser' ? { csrfDigest: tokenDigest(opener) } : {}),
    form: { nodes: [csrfNode, way], messages: [message], goesTo: { action: goOn, method: 'GET' } },
  };
}
