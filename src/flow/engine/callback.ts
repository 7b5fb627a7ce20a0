// Somebody comes back from another place by a method's callback: the state is opened, and the flow goes on from where it was left.
import { equalSecrets, tokenDigest } from '../../lib/secret.ts';
import * as messages from '../../protocol/messages.ts';
import {
  badRequest,
  concurrentUpdate,
  firstFactorRequired,
  methodDisabled,
  noSession,
} from '../../protocol/refusals.ts';
import { isAtLeast, reachedAal } from '../../session/aal.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import { restartLogin } from '../login/create.ts';
import { loginAt } from '../login/nodes.ts';
import { followLogin } from '../login/submit.ts';
import type { MethodCallback, Returned } from '../method/callback.ts';
import { restartRegistration } from '../registration/create.ts';
import { registrationAt } from '../registration/nodes.ts';
import { followRegistration } from '../registration/submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { backToApp } from '../session/exchange.ts';
import { activeSession, signedIn } from '../session/signed-in.ts';
import { restartSettings } from '../settings/create.ts';
import { requireOwner } from '../settings/guard.ts';
import { settingsAt } from '../settings/nodes.ts';
import { followSettings } from '../settings/submit.ts';
import { arrive, openState, type State } from './departure.ts';
import { isExpired, type Restart, replaceFlow } from './expiry.ts';
import { afterUrl } from './start.ts';

interface Arrival {
  readonly request: FlowRequest;
  readonly method: string;
  readonly callback: MethodCallback;
  readonly returned: Returned;
}

/** Throws 400 where the state was not made here, is not the newest of its flow, or belongs to another browser. */
export async function followCallback(deps: FlowDeps, of: Arrival): Promise<FlowResult> {
  const { request, method } = of;
  const state = openState(deps, of.returned.query.get('state') ?? '');
  if (!state || state.method !== method) throw badRequest(UNKNOWN_STATE);
  const { flows } = deps.database.stores;
  const flow = await flows.find(state.kind, state.flowId);
  if (!flow) return usedUp(deps, state, request);
  if (flow.type === 'browser') {
    // The cookie went out with the redirect, and no other browser holds it.
    if (request.continuity.departed !== state.nonce) throw badRequest(OTHER_BROWSER);
    if (!holdsForm(flow, request)) return orGoOn(deps, flow, { state, request });
  }
  const nowMs = deps.clock.nowMs();
  const isLate = isExpired(flow, nowMs) || state.expiresAtMs <= nowMs;
  const come = arrive(deps, flow, state.nonce);
  if (!come && !isLate) throw badRequest(UNKNOWN_STATE);
  switch (state.kind) {
    case 'login':
      if (isLate || !come) return replaced(deps, flow, { request, restart: restartLogin(deps) });
      return backToApp(deps, come, await arriveAtLogin(deps, come, of));
    case 'registration':
      if (isLate || !come) return replaced(deps, flow, { request, restart: restartRegistration(deps) });
      return backToApp(deps, come, await arriveAtRegistration(deps, come, of));
    case 'settings':
      return arriveAtSettings(deps, { flow, come: isLate ? undefined : come }, of);
    default:
      return state.kind satisfies never;
  }
}

const UNKNOWN_STATE = 'This sign-in link is no longer valid. Please start again.';
const OTHER_BROWSER = 'This was started in another browser. Please go on there, or start again here.';

/** The browser has the anti-CSRF token of the flow still; a sign-in or sign-out in another tab gives it a new one. */
const holdsForm = ({ csrfDigest }: Flow, { csrfFromCookie, csrfToken }: FlowRequest): boolean =>
  csrfDigest === undefined || (csrfFromCookie && equalSecrets(tokenDigest(csrfToken), csrfDigest));

/** Who signed in meanwhile, in another tab, has what they came for. */
async function orGoOn(
  deps: FlowDeps,
  flow: Flow,
  { state, request }: { readonly state: State; readonly request: FlowRequest },
): Promise<FlowResult> {
  const isOver = state.kind !== 'settings' && (await activeSession(deps, request.credentials));
  if (!isOver) throw badRequest(OTHER_BROWSER);
  return { kind: 'goto', url: afterUrl(deps, flow, state.method) };
}

/** Opened once more, as by the back button: who is signed in goes on, everybody else starts again. */
async function usedUp(deps: FlowDeps, state: State, request: FlowRequest): Promise<FlowResult> {
  const flow = await deps.database.stores.flows.findConsumed(state.kind, state.flowId);
  if (flow?.type === 'browser' && (await activeSession(deps, request.credentials))) {
    return { kind: 'goto', url: afterUrl(deps, flow, state.method) };
  }
  throw badRequest('This was already used. Please start again.');
}

const EXPIRED = {
  login: messages.loginExpired,
  registration: messages.registrationExpired,
  settings: messages.settingsExpired,
} as const;

function replaced(
  deps: FlowDeps,
  flow: Flow,
  of: { readonly request: FlowRequest; readonly restart: Restart },
): Promise<FlowResult> {
  const { kind } = flow;
  const message = kind === 'registration' || kind === 'settings' ? EXPIRED[kind] : EXPIRED.login;
  return replaceFlow(deps, flow, { ...of, message });
}

/** Takes the departure out of the flow: of several who come with one state, one goes on, and what it brings is redeemed once. */
async function claimed(deps: FlowDeps, flow: Flow): Promise<Flow> {
  const isFirst = await deps.database.transaction((stores) => stores.flows.save(flow));
  if (!isFirst) throw concurrentUpdate();
  return { ...flow, version: flow.version + 1 };
}

/**
 * A native app borrows the system browser: who is signed in there has nothing to do with the app, whose flow must neither end
 * there nor carry off that session.
 */
const credentialsFor = ({ type }: Flow, { credentials }: FlowRequest): FlowRequest['credentials'] =>
  type === 'api' ? {} : credentials;

async function arriveAtLogin(deps: FlowDeps, come: Flow, of: Arrival): Promise<FlowResult> {
  const { callback, method, request } = of;
  if (!callback.login) throw methodDisabled();
  const active = await signedIn(deps, credentialsFor(come, request));
  if (active && !come.refresh && isAtLeast(reachedAal(active.session.authMethods), come.requestedAal)) {
    return { kind: 'goto', url: afterUrl(deps, come, method) };
  }
  if (!active && come.requestedAal === 'aal2') throw firstFactorRequired();
  const flow = await claimed(deps, come);
  const at = loginAt(deps, method, { flow, request, person: active });
  return followLogin(deps, await callback.login({ ...at, ...of.returned }), {
    flow,
    request,
    method,
    active,
  });
}

async function arriveAtRegistration(deps: FlowDeps, come: Flow, of: Arrival): Promise<FlowResult> {
  const { callback, method, request } = of;
  if (!callback.registration) throw methodDisabled();
  if (await activeSession(deps, credentialsFor(come, request))) {
    return { kind: 'goto', url: afterUrl(deps, come, method) };
  }
  const flow = await claimed(deps, come);
  const at = registrationAt(deps, method, { flow, request });
  return followRegistration(deps, await callback.registration({ ...at, ...of.returned }), {
    flow,
    request,
    method,
  });
}

async function arriveAtSettings(
  deps: FlowDeps,
  { flow: old, come }: { readonly flow: Flow; readonly come: Flow | undefined },
  of: Arrival,
): Promise<FlowResult> {
  const { callback, method, request } = of;
  if (!callback.settings) throw methodDisabled();
  // Whoever signed out meanwhile is told so: to sign in now would not bring them back to here.
  if (!(await activeSession(deps, request.credentials))) throw noSession();
  const active = await requireOwner(deps, old, { request, returnTo: request.url });
  if (!come) return replaced(deps, old, { request, restart: restartSettings(deps, active) });
  const flow = await claimed(deps, come);
  const at = settingsAt(deps, method, { flow, request, owner: active });
  return followSettings(deps, await callback.settings({ ...at, ...of.returned }), {
    flow: { ...flow, active: method },
    request,
    method,
    active,
    isCallback: true,
  });
}
