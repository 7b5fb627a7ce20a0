// After the proof of a recovery: a session that may change how one signs in, and the hand-over to settings.

import { withChanges } from '../../identity/change/decide.ts';
import { isTrue } from '../../lib/bool.ts';
import { tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import { identityDisabled } from '../../protocol/refusals.ts';
import { beginSession, newSessionToken } from '../../session/lifecycle.ts';
import type { Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { withoutTransientPayload } from '../engine/follow.ts';
import { changeRules, planFor } from '../engine/plan.ts';
import { returnUrl } from '../engine/start.ts';
import { stoppedByHook, withHookError } from '../engine/stopped.ts';
import type { Submission } from '../engine/submission.ts';
import { lost, unit } from '../engine/unit.ts';
import type { Flow } from '../flow.ts';
import { type HookSummary, runAfter, runBefore, runInTransaction } from '../hook/run.ts';
import type { ContinueWith, Proven } from '../method/outcome.ts';
import { type AddressProof, addressProof, queueNotice } from '../proof/first-proof.ts';
import { flowPage, showStale, startOver } from '../proof/submit.ts';
import type { FlowResult } from '../result.ts';
import { knownTo } from '../session/signed-in.ts';
import { settingsAfterProof } from '../settings/after-proof.ts';
import type { SettingsOwner } from '../settings/nodes.ts';

export async function completeRecovery(deps: FlowDeps, proven: Proven, of: Submission): Promise<FlowResult> {
  const { flow, request } = of;
  const nowMs = deps.clock.nowMs();
  if (proven.identity.state !== 'active') return refuseDisabled(deps, proven, of);
  const session = beginSession({
    identityId: proven.identity.id,
    proof: proven.proof,
    device: request.device,
    nowMs,
    lifespanMs: deps.settings.sessionLifespanMs,
  });
  const proof = await addressProof(deps, proven.identity, { address: proven.address, isOwner: false });
  const identity = withChanges(proven.identity, proof.changes, { rules: changeRules(deps), nowMs });
  const context = {
    kind: 'recovery',
    flow,
    request,
    method: of.method,
    atMs: nowMs,
    identity,
    session,
  } as const;
  const hooks = await runBefore(deps, context);
  if (hooks.kind !== 'pass') {
    return stoppedByHook(deps, hooks, { step: { ...of, order: (nodes) => nodes } });
  }
  const settings = skipsSettings(flow)
    ? undefined
    : await settingsFlow(deps, { identity, session }, { proven, of, proof, nowMs });
  const passed: Flow = {
    ...flow,
    state: 'passed_challenge',
    form: { ...flow.form, messages: [] },
    ...(proven.isFollowedLink ? { csrfDigest: tokenDigest(request.nextCsrfToken) } : {}),
  };
  const made: Made = { ...of, flow: passed, proven, proof, session, token: newSessionToken(), settings };
  const done = { ...context, flow: passed };
  const effects = [...hooks.effects, ...(await runInTransaction(deps, done))];
  const written = await persist(deps, made, effects);
  if (written.kind !== 'written') return refused(deps, written, { proven, of });
  const after = await runAfter(deps, done);
  const shown = flow.state === 'sent_email' ? passed : withoutTransientPayload(passed);
  const result = answer(deps, { ...made, flow: shown }, [...hooks.continueWith, ...after.continueWith]);
  return withHookError(result, after);
}

interface Made extends Submission {
  readonly proven: Proven;
  readonly proof: AddressProof;
  readonly session: Session;
  readonly token: string;
  readonly settings: Flow | undefined;
}

/** Written for exactly one of several submissions; the secret is used up, and with it every other one that was sent to this person. */
function persist(deps: FlowDeps, made: Made, effects: HookSummary['effects']) {
  const { session, proven, proof } = made;
  const identityId = proven.identity.id;
  const subject = { identityId, sessionId: session.id };
  const holds = proven.address ? [{ ...proven.address, as: 'recovery' as const }] : [];
  const plan = planFor(deps, made, { identityId, changes: proof.changes, guard: { state: 'active', holds } });
  return unit(deps.database, async (stores) => {
    if (!(await stores.flows.save(made.flow)) || !(await proven.effect(stores))) return lost;
    const written = await stores.identities.apply(plan);
    if (written.kind !== 'written') return written;
    await stores.secrets.deleteOfFlow(made.flow.id);
    await stores.secrets.deleteOfIdentity({ identityId, purposes: ['recovery'], keepsMadeByHand: true });
    await stores.sessions.insert(session, tokenDigest(made.token));
    await queueNotice(stores, proof, written);
    for (const effect of effects) await effect(stores);
    if (made.settings) await stores.flows.insert(made.settings);
    await stores.events.append(securityEvent(deps, made, { kind: 'recovery.succeeded', ...subject }));
    await stores.events.append(securityEvent(deps, made, { kind: 'session.issued', ...subject }));
    return written;
  });
}

/** Why nothing was written, and what follows: a proof that holds no longer is told like a wrong one. */
function refused(
  deps: FlowDeps,
  made: Exclude<Awaited<ReturnType<typeof persist>>, { kind: 'written' }>,
  { proven, of }: { readonly proven: Proven; readonly of: Submission },
): Promise<FlowResult> {
  if (made.kind === 'lost') {
    const outcome = { message: messages.recoveryAlreadyDone() };
    return startOver(deps, 'recovery', { outcome, old: of.flow, request: of.request });
  }
  if (made.kind === 'guarded' && made.by === 'state') return refuseDisabled(deps, proven, of);
  return showStale(deps, 'recovery', proven, of);
}

/** The form on which a new password is set, with word of how long that is possible. */
function settingsFlow(
  deps: FlowDeps,
  owner: SettingsOwner,
  of: {
    readonly proven: Proven;
    readonly of: Submission;
    readonly proof: AddressProof;
    readonly nowMs: number;
  },
): Promise<Flow> {
  const { flow, request } = of.of;
  const privilegedUntilMs = of.nowMs + deps.settings.privilegedMaxAgeMs;
  const hasEndedCredentials = of.proof.notice !== undefined;
  return settingsAfterProof(deps, {
    owner,
    request,
    type: of.proven.isFollowedLink ? 'browser' : flow.type,
    returnTo: flow.returnTo ?? deps.settings.afterUrls.recovery.all,
    messages: [messages.recovered({ privilegedUntilMs, nowMs: of.nowMs, hasEndedCredentials })],
  });
}

/** The wish of the address that started the flow: sign in, and go on without changing anything. */
const skipsSettings = (flow: Flow): boolean =>
  isTrue(new URL(flow.requestUrl).searchParams.get('skip_settings'));

function refuseDisabled(deps: FlowDeps, proven: Proven, of: Submission): Promise<FlowResult> {
  const refusal = identityDisabled(proven.identity.id);
  const outcome = {
    message: messages.identityDisabled(),
    ...(proven.isFollowedLink ? { isFollowedLink: true as const } : {}),
  };
  return startOver(deps, 'recovery', { outcome, refusal, old: of.flow, request: of.request });
}

function answer(deps: FlowDeps, made: Made, fromHooks: readonly ContinueWith[]): FlowResult {
  const { flow, settings, request, proven, session } = made;
  const { settings: of } = deps;
  const isBrowser = flow.type === 'browser' || proven.isFollowedLink === true;
  const cookies = isBrowser
    ? {
        session: { token: made.token, expiresAtMs: session.expiresAtMs },
        rotatesCsrf: true,
        ...knownTo(deps, {
          session,
          identity: proven.identity,
          factors: Object.values(proven.identity.credentials),
        }),
      }
    : undefined;
  const withCookies = cookies ? { cookies } : {};
  const page = settings && flowPage(deps, settings);
  const token: readonly ContinueWith[] = isBrowser
    ? []
    : [{ action: 'set_ory_session_token', ory_session_token: made.token }];
  const next: readonly ContinueWith[] =
    settings && page ? [{ action: 'show_settings_ui', flow: { id: settings.id, url: page } }] : [];
  if (proven.isFollowedLink && page) return { kind: 'moved', url: page, ...withCookies };
  if (!page) {
    const goTo = returnUrl(deps, flow.returnTo, of.afterUrls.recovery.all ?? of.defaultReturnUrl);
    const isShown = !isBrowser || request.client.acceptsJson;
    if (!isShown) return { kind: 'moved', url: goTo, ...withCookies };
    return { kind: 'form', flow, jsonStatus: 200, continueWith: [...token, ...fromHooks], ...withCookies };
  }
  if (!of.usesTransitions) return { kind: 'goto', url: page, ...withCookies };
  const isApp = !isBrowser || request.client.isJson;
  if (!isApp) return { kind: 'moved', url: page, ...withCookies };
  const continueWith = [...token, ...fromHooks, ...next];
  return { kind: 'form', flow, jsonStatus: 200, continueWith, ...withCookies };
}
