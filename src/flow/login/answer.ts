// What a client is told of a sign-in, and where a browser goes: on, or to the next factor.
import type { Snapshot } from '../../identity/change/snapshot.ts';
import { identityToJson } from '../../identity/view.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { sessionToJson } from '../../session/view.ts';
import type { FlowDeps } from '../deps.ts';
import { afterUrl } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import type { AfterSummary, HookSummary } from '../hook/run.ts';
import type { ContinueWith } from '../method/outcome.ts';
import { leaveForServer } from '../oauth2/login-challenge.ts';
import { flowPage } from '../proof/submit.ts';
import type { FlowResult } from '../result.ts';
import { isLevelEnough, knownTo, stepUpUrl } from '../session/signed-in.ts';
import { stepUpAfter } from './create.ts';
import { aalToJoin, waitingMethods } from './join.ts';
import type { LoginSubmission, SessionDraft } from './submission.ts';

export async function loginAnswer(
  deps: FlowDeps,
  of: LoginSubmission &
    SessionDraft & {
      readonly identity: Snapshot;
      readonly settings: Flow | undefined;
      readonly hooks: HookSummary;
      readonly after: AfterSummary;
    },
): Promise<FlowResult> {
  const { flow, session } = of;
  const nowMs = deps.clock.nowMs();
  const shownBy = { session, factors: Object.values(of.identity.credentials) };
  const isEnough = isLevelEnough(deps, shownBy, deps.settings.whoamiAal);
  const identity = identityToJson(of.identity, { publicUrl: deps.settings.publicUrl });
  const shown = (withIdentity: boolean) =>
    sessionToJson(session, { nowMs, identity: withIdentity ? identity : null, identityState: 'active' });
  const page = of.settings && flowPage(deps, of.settings);
  const fromHooks: readonly ContinueWith[] = [...of.hooks.continueWith, ...of.after.continueWith];
  const known = knownTo(deps, { ...shownBy, identity: of.identity });
  if (flow.type === 'api') {
    const continueWith = fromHooks.length > 0 ? fromHooks : null;
    return {
      kind: 'done',
      json: { session_token: of.token, session: shown(isEnough), continue_with: continueWith },
      ...known,
    };
  }
  const cookies = {
    session: { token: of.token, expiresAtMs: session.expiresAtMs },
    rotatesCsrf: of.active === undefined,
    // With a later factor there is no new anti-CSRF cookie to carry it: the sign-out says it then.
    ...(of.active ? {} : known),
  };
  if (waitingMethods(deps, flow).length > 0 && !isLevelEnough(deps, shownBy, aalToJoin(deps))) {
    const person = { identity: of.identity, session };
    const { request } = of;
    const stepUp = await stepUpAfter(deps, flow, { request, person });
    const token = cookies.rotatesCsrf ? request.nextCsrfToken : request.csrfToken;
    const next: Flow = { ...stepUp, csrfDigest: tokenDigest(token) };
    await deps.database.stores.flows.insert(next);
    return { kind: 'form', flow: next, jsonStatus: 200, cookies };
  }
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
    const person = { identityId: of.identity.id, session, authMethods, cookies };
    return leaveForServer(deps, flow.loginChallenge, person);
  }
  const returnTo = afterUrl(deps, flow, of.method);
  const next: ContinueWith = { action: 'redirect_browser_to', redirect_browser_to: returnTo };
  return {
    kind: 'done',
    json: { session: shown(true), continue_with: [next, ...fromHooks] },
    goTo: page ?? of.after.goTo ?? returnTo,
    cookies,
  };
}
