// Takes a submission to a registration: checks in a fixed order, then the method, then what follows its answer.

import { validateTraits } from '../../identity/validate.ts';
import { isJsonObject } from '../../lib/json.ts';
import * as messages from '../../protocol/messages.ts';
import { registrationDisabled, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { dispatch } from '../engine/dispatch.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { followStep, type Step } from '../engine/follow.ts';
import { flowToSubmit } from '../engine/load.ts';
import { returnUrl, schemaOf } from '../engine/start.ts';
import type { Flow } from '../flow.ts';
import { restartLogin } from '../login/create.ts';
import type { RegistrationHandler } from '../method/contract.ts';
import type { RegistrationOutcome } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { activeSession } from '../session/signed-in.ts';
import { completeRegistration } from './complete.ts';
import { restartRegistration } from './create.ts';
import { registrationForm, registrationOrder } from './nodes.ts';

/** Answers POST /self-service/registration. */
export async function submitRegistration(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  if (await activeSession(deps, request.credentials)) {
    throw sessionAlreadyAvailable('Somebody is signed in already, so no new account can be made.', {
      url: returnUrl(deps, request.query.get('return_to'), deps.settings.defaultReturnUrl),
      status: 302,
    });
  }
  const flow = await flowToSubmit(deps, 'registration', request);
  if (!deps.settings.isRegistrationOpen) throw registrationDisabled();
  if (isExpired(flow, deps.clock.nowMs())) {
    const restart = restartRegistration(deps);
    return replaceFlow(deps, flow, { request, restart, message: messages.registrationExpired });
  }
  const found = dispatch<RegistrationHandler>({
    flow,
    request,
    methods: deps.methods,
    absentMethods: deps.absentMethods,
    schema: schemaOf(deps, flow),
    isEnabled: (method) => method.isInRegistration,
    handlerOf: (method) => method.handlers.registration,
    nobody: messages.noRegistrationMethod(),
  });
  const step: Step = { flow, request, method: '', order: registrationOrder(deps, flow) };
  if (found.kind === 'rejected') return followStep(deps, found, step);
  const payload = found.payload['transient_payload'];
  const current: Flow = isJsonObject(payload) ? { ...flow, transientPayload: payload } : flow;
  const schema = schemaOf(deps, current);
  const outcome = await found.handler.submit({
    flow: current,
    payload: found.payload,
    request,
    schema,
    validate: (traits) => validateTraits(schema, traits),
    form: (moment, traits) => registrationForm(deps, current, { moment, traits }),
  });
  return followRegistration(deps, outcome, { flow: current, request, method: found.method.name });
}

/** What follows a method's answer, whether it came from a submission or from a route of the method's own. */
export async function followRegistration(
  deps: FlowDeps,
  outcome: RegistrationOutcome,
  of: { readonly flow: Flow; readonly request: FlowRequest; readonly method: string },
): Promise<FlowResult> {
  if (outcome.kind === 'registered') return completeRegistration(deps, outcome, of);
  return followStep(deps, outcome, {
    ...of,
    order: registrationOrder(deps, of.flow),
    startOther: (handOver) => {
      const restart = handOver.to === 'login' ? restartLogin(deps) : restartRegistration(deps);
      return restart(of.flow, of.request);
    },
  });
}
