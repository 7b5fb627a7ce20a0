// Takes a submission to a login: checks in a fixed order, then the method, then what follows its answer.

import { isJsonObject } from '../../lib/json.ts';
import * as messages from '../../protocol/messages.ts';
import { firstFactorRequired } from '../../protocol/refusals.ts';
import { isAtLeast, reachedAal } from '../../session/aal.ts';
import type { FlowDeps } from '../deps.ts';
import { dispatch } from '../engine/dispatch.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { asRejected, followStep, type Step } from '../engine/follow.ts';
import { flowToSubmit } from '../engine/load.ts';
import { schemaOf } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import type { LoginHandler } from '../method/contract.ts';
import type { HandOver, LoginOutcome } from '../method/outcome.ts';
import { restartRegistration } from '../registration/create.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { signedIn } from '../session/signed-in.ts';
import { beginLogin } from './begin.ts';
import { completeLogin, type LoginSubmission } from './complete.ts';
import { restartLogin } from './create.ts';
import { loginOffers, loginOrder } from './nodes.ts';

/** How often a submission is taken again where what its proof was checked against changed at the same moment. */
const MOST_REPEATS = 2;

/** Answers POST /self-service/login. */
export function submitLogin(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  return takeLogin(deps, request, MOST_REPEATS);
}

async function takeLogin(deps: FlowDeps, request: FlowRequest, repeatsLeft: number): Promise<FlowResult> {
  const flow = await flowToSubmit(deps, 'login', request);
  const active = await signedIn(deps, request.credentials);
  const step: Step = { flow, request, method: '', order: loginOrder(deps, flow) };
  if (active && !flow.refresh && isAtLeast(reachedAal(active.session.authMethods), flow.requestedAal)) {
    if (flow.type === 'browser' && !request.client.isJson) {
      return { kind: 'goto', url: deps.settings.defaultReturnUrl };
    }
    return followStep(deps, asRejected(messages.generic('Somebody is signed in already.')), step);
  }
  if (!active && flow.requestedAal === 'aal2') throw firstFactorRequired();
  if (isExpired(flow, deps.clock.nowMs())) {
    return replaceFlow(deps, flow, { request, restart: restartLogin(deps), message: messages.loginExpired });
  }
  const found = dispatch<LoginHandler>({
    flow,
    request,
    methods: deps.methods,
    absentMethods: deps.absentMethods,
    schema: schemaOf(deps, flow),
    isEnabled: (method) => method.isEnabled,
    handlerOf: (method) => {
      const handler = method.handlers.login;
      return handler?.levels.includes(flow.requestedAal) ? handler : undefined;
    },
    nobody: messages.noLoginMethod(),
  });
  if (found.kind === 'rejected') return followStep(deps, found, step);
  const payload = found.payload['transient_payload'];
  const current: Flow = isJsonObject(payload) ? { ...flow, transientPayload: payload } : flow;
  const outcome = await found.handler.submit({
    flow: current,
    payload: found.payload,
    request,
    session: active,
    offers: (moment) => loginOffers(deps, current, moment),
    begin: async (moment) => (await beginLogin(deps, { flow: current, request, moment }))?.step,
  });
  const again = repeatsLeft > 0 ? () => takeLogin(deps, request, repeatsLeft - 1) : undefined;
  return followLogin(deps, outcome, { flow: current, request, method: found.method.name, active, again });
}

/** What follows a method's answer, whether it came from a submission or from a route of the method's own. */
export async function followLogin(
  deps: FlowDeps,
  outcome: LoginOutcome,
  of: LoginSubmission,
): Promise<FlowResult> {
  if (outcome.kind === 'authenticated') return completeLogin(deps, outcome, of);
  return followStep(deps, outcome, {
    ...of,
    order: loginOrder(deps, of.flow),
    startOther: (handOver) => startOther(deps, handOver, of),
  });
}

/** A sign-in that becomes a sign-up, or another sign-in, keeps address, return URL and schema. */
async function startOther(
  deps: FlowDeps,
  handOver: HandOver,
  of: { readonly flow: Flow; readonly request: FlowRequest },
): Promise<Flow> {
  const restart = handOver.to === 'registration' ? restartRegistration(deps) : restartLogin(deps);
  return restart(of.flow, of.request);
}
