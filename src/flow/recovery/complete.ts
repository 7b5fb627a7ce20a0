// After the proof of a recovery: a session that may change how one signs in, and the hand-over to settings.

import type { FullIdentity } from '../../identity/identity.ts';
import { isTrue } from '../../lib/bool.ts';
import { tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import { identityDisabled } from '../../protocol/refusals.ts';
import { beginSession, newSessionToken } from '../../session/lifecycle.ts';
import type { Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../engine/events.ts';
import { withoutTransientPayload } from '../engine/follow.ts';
import { onlyOnce } from '../engine/only-once.ts';
import { returnUrl } from '../engine/start.ts';
import { stoppedByHook } from '../engine/stopped.ts';
import type { Flow } from '../flow.ts';
import { type HookSummary, hooksFor, runHooks } from '../hook/contract.ts';
import type { ContinueWith, Proven } from '../method/outcome.ts';
import { flowPage, startOver } from '../proof/submit.ts';
import { withVerifiedAddress } from '../proof/verified-address.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { newSettingsFlow } from '../settings/create.ts';

interface Submitted {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly method: string;
}

export async function completeRecovery(deps: FlowDeps, proven: Proven, of: Submitted): Promise<FlowResult> {
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
  const identity = withVerifiedAddress(proven.identity, proven.address, nowMs);
  const context = { flow, request, atMs: nowMs, identity, session };
  const hooks = await runHooks(hooksFor(deps.hooks.recovery, of.method, 'before'), 'before', context);
  if (hooks.kind !== 'pass') {
    return stoppedByHook(deps, hooks, { step: { ...of, order: (nodes) => nodes } });
  }
  const settings = skipsSettings(flow)
    ? undefined
    : await settingsFlow(deps, identity, { proven, of, nowMs });
  const passed: Flow = {
    ...flow,
    state: 'passed_challenge',
    form: { ...flow.form, messages: [] },
    ...(proven.isFollowedLink ? { csrfDigest: tokenDigest(request.nextCsrfToken) } : {}),
  };
  const made: Made = { ...of, flow: passed, proven, identity, session, token: newSessionToken(), settings };
  if (!(await persist(deps, made, hooks.effects))) {
    const outcome = { message: messages.recoveryAlreadyDone() };
    return startOver(deps, 'recovery', { outcome, old: flow, request });
  }
  const after = await runHooks(hooksFor(deps.hooks.recovery, of.method, 'after'), 'after', context);
  const fromHooks = after.kind === 'pass' ? after.continueWith : [];
  const shown = flow.state === 'sent_email' ? passed : withoutTransientPayload(passed);
  return answer(deps, { ...made, flow: shown }, [...hooks.continueWith, ...fromHooks]);
}

interface Made extends Submitted {
  readonly proven: Proven;
  readonly identity: FullIdentity;
  readonly session: Session;
  readonly token: string;
  readonly settings: Flow | undefined;
}

/** True for exactly one of several submissions; the secret is used up, and with it all others of the flow. */
function persist(deps: FlowDeps, made: Made, effects: HookSummary['effects']): Promise<boolean> {
  const { identity, session, proven } = made;
  const subject = { identityId: identity.id, sessionId: session.id };
  return onlyOnce(deps.database, async (stores) => {
    if (!(await stores.flows.save(made.flow)) || !(await proven.effect(stores))) return false;
    await stores.secrets.deleteOfFlow(made.flow.id);
    if (identity !== proven.identity) await stores.identities.update(identity);
    await stores.sessions.insert(session, tokenDigest(made.token));
    for (const effect of effects) await effect(stores);
    if (made.settings) await stores.flows.insert(made.settings);
    if (identity !== proven.identity) {
      await stores.events.append(securityEvent(deps, made, { kind: 'address.verified', ...subject }));
    }
    await stores.events.append(securityEvent(deps, made, { kind: 'recovery.succeeded', ...subject }));
    await stores.events.append(securityEvent(deps, made, { kind: 'session.issued', ...subject }));
    return true;
  });
}

/** The form on which a new password is set, with word of how long that is possible. */
async function settingsFlow(
  deps: FlowDeps,
  identity: FullIdentity,
  { proven, of, nowMs }: { readonly proven: Proven; readonly of: Submitted; readonly nowMs: number },
): Promise<Flow> {
  const { flow, request } = of;
  const returnTo = flow.returnTo ?? deps.settings.afterUrls.recovery.all;
  const query = new URLSearchParams(returnTo === undefined ? {} : { return_to: returnTo });
  const url = returnTo === undefined ? request.url : withReturnTo(request.url, returnTo);
  const type = proven.isFollowedLink ? 'browser' : flow.type;
  const made = await newSettingsFlow(deps, type, { identity, request: { ...request, url, query } });
  const privilegedUntilMs = nowMs + deps.settings.privilegedMaxAgeMs;
  const message = messages.recovered({ privilegedUntilMs, nowMs });
  return {
    ...made,
    ...(type === 'browser' ? { csrfDigest: tokenDigest(request.nextCsrfToken) } : {}),
    form: { ...made.form, messages: [message] },
  };
}

function withReturnTo(address: string, returnTo: string): string {
  const url = new URL(address);
  url.searchParams.set('return_to', returnTo);
  url.searchParams.sort();
  return url.href;
}

/** The wish of the address that started the flow: sign in, and go on without changing anything. */
const skipsSettings = (flow: Flow): boolean =>
  isTrue(new URL(flow.requestUrl).searchParams.get('skip_settings'));

function refuseDisabled(deps: FlowDeps, proven: Proven, of: Submitted): Promise<FlowResult> {
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
    ? { session: { token: made.token, expiresAtMs: session.expiresAtMs }, rotatesCsrf: true }
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
