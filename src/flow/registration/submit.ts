// Takes a submission to a registration: checks in a fixed order, then the method, then what follows its answer.

import * as messages from '../../protocol/messages.ts';
import { registrationDisabled, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { dispatch } from '../engine/dispatch.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { flowOrFinished } from '../engine/load.ts';
import { finishedFlow } from '../engine/sent-again.ts';
import { returnUrl, schemaOf } from '../engine/start.ts';
import type { Submission } from '../engine/submission.ts';
import { takeStep } from '../engine/take-step.ts';
import { hasWhatItGave, sameAnswer } from '../login/again.ts';
import type { RegistrationOutcome } from '../method/outcome.ts';
import type { RegistrationStep } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { TOO_MANY_TRIES } from '../secret/budget.ts';
import { signedIn } from '../session/signed-in.ts';
import { registrationSentAgain } from './again.ts';
import { completeRegistration } from './complete.ts';
import { restartRegistration } from './create.ts';
import { registrationAt, registrationForm, registrationOrder } from './nodes.ts';

/** Answers POST /self-service/registration. */
export async function submitRegistration(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  const active = await signedIn(deps, request.credentials);
  if (active) {
    const sent = await finishedFlow(deps, 'registration', request);
    if (sent && hasWhatItGave(sent, active)) return sameAnswer(deps, sent, active);
    throw sessionAlreadyAvailable('You are already signed in. Sign out to create another account.', {
      url: returnUrl(deps, request.query.get('return_to'), deps.settings.defaultReturnUrl),
      status: 302,
    });
  }
  const flow = await flowOrFinished(deps, 'registration', request);
  if (flow.finished) return registrationSentAgain(deps, { ...flow, finished: flow.finished }, request);
  if (!deps.settings.isRegistrationOpen) throw registrationDisabled();
  if (isExpired(flow, deps.clock.nowMs())) {
    const restart = restartRegistration(deps);
    return replaceFlow(deps, flow, { request, restart, message: messages.registrationExpired });
  }
  const found = dispatch<RegistrationStep>({
    flow,
    request,
    methods: deps.methods,
    absentMethods: deps.absentMethods,
    schema: schemaOf(deps, flow),
    isEnabled: (method) => method.isInRegistration,
    stepOf: (method) => method.handlers.registration,
    nobody: messages.noRegistrationMethod(),
  });
  const order = registrationOrder(deps, flow);
  if (found.kind === 'rejected') return followStep(deps, found, { flow, request, method: '', order });
  const here = { flow: found.flow, request };
  const outcome = await takeStep(deps, found.step, {
    ...registrationAt(deps, found.method.name, here),
    body: found.body,
    form: (stage, traits) => registrationForm(deps, here, { stage, traits }),
  });
  const of = { ...here, method: found.method.name };
  if (!outcome) return followStep(deps, asRejected(messages.generic(TOO_MANY_TRIES)), { ...of, order });
  return followRegistration(deps, outcome, of);
}

/** What follows a method's answer, whether it came from a submission or from a callback. */
export async function followRegistration(
  deps: FlowDeps,
  outcome: RegistrationOutcome,
  of: Submission,
): Promise<FlowResult> {
  if (outcome.kind === 'registered') return completeRegistration(deps, outcome, of);
  return followStep(deps, outcome, { ...of, order: registrationOrder(deps, of.flow) });
}
