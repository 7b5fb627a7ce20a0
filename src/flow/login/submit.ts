// Takes a submission to a login: checks in a fixed order, then the method, then what follows its answer.

import * as messages from '../../protocol/messages.ts';
import { firstFactorRequired } from '../../protocol/refusals.ts';
import { isAtLeast, reachedAal } from '../../session/aal.ts';
import type { FlowDeps } from '../deps.ts';
import { dispatch } from '../engine/dispatch.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { flowOrFinished } from '../engine/load.ts';
import { schemaOf } from '../engine/start.ts';
import type { FormSubmission } from '../engine/submission.ts';
import { takeStep } from '../engine/take-step.ts';
import type { Flow } from '../flow.ts';
import type { LoginOutcome } from '../method/outcome.ts';
import type { LoginStep } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { TOO_MANY_TRIES } from '../secret/budget.ts';
import { signedIn } from '../session/signed-in.ts';
import { loginSentAgain } from './again.ts';
import { beginLogin } from './begin.ts';
import { completeLogin } from './complete.ts';
import { restartLogin } from './create.ts';
import { type LoginHere, loginAt, loginOffers, loginOrder } from './nodes.ts';
import type { LoginSubmission } from './submission.ts';

/** How often a submission is taken again where what its proof was checked against changed at the same moment. */
const MOST_REPEATS = 2;

/** Answers POST /self-service/login. */
export function submitLogin(deps: FlowDeps, request: FlowRequest): Promise<FlowResult> {
  return takeLogin(deps, request, MOST_REPEATS);
}

async function takeLogin(
  deps: FlowDeps,
  request: FlowRequest,
  repeatsLeft: number,
  replacement?: Flow,
): Promise<FlowResult> {
  const flow = replacement ?? (await flowOrFinished(deps, 'login', request));
  if (flow.finished) {
    const take = (fresh: Flow) => takeLogin(deps, request, 0, fresh);
    return loginSentAgain(deps, { ...flow, finished: flow.finished }, { request, take });
  }
  const active = await signedIn(deps, request.credentials);
  const form: FormSubmission = { flow, request, method: '', order: loginOrder(deps, flow) };
  if (active && !flow.refresh && isAtLeast(reachedAal(active.session.authMethods), flow.requestedAal)) {
    if (flow.type === 'browser' && !request.client.isJson) {
      return { kind: 'goto', url: deps.settings.defaultReturnUrl };
    }
    return followStep(deps, asRejected(messages.generic('You are already signed in.')), form);
  }
  if (!active && flow.requestedAal === 'aal2') throw firstFactorRequired();
  if (isExpired(flow, deps.clock.nowMs())) {
    return replaceFlow(deps, flow, { request, restart: restartLogin(deps), message: messages.loginExpired });
  }
  const found = dispatch<LoginStep>({
    flow,
    request,
    methods: deps.methods,
    absentMethods: deps.absentMethods,
    schema: schemaOf(deps, flow),
    isEnabled: (method) => method.isEnabled,
    stepOf: (method) => {
      const step = method.handlers.login;
      return step?.levels.includes(flow.requestedAal) ? step : undefined;
    },
    nobody: messages.noLoginMethod(),
  });
  if (found.kind === 'rejected') return followStep(deps, found, form);
  if (flow.trial && flow.trial.method !== found.method.name) {
    return followStep(deps, asRejected(messages.noLoginMethod()), form);
  }
  const here: LoginHere = { flow: found.flow, request, person: active };
  const outcome = await takeStep(deps, found.step, {
    ...loginAt(deps, found.method.name, here),
    body: found.body,
    offers: (stage) => loginOffers(deps, here, stage),
    begin: async (stage) => (await beginLogin(deps, here, stage))?.step,
  });
  const of = { flow: found.flow, request, method: found.method.name, active };
  if (!outcome) return followStep(deps, asRejected(messages.generic(TOO_MANY_TRIES)), { ...form, ...of });
  const again = repeatsLeft > 0 ? () => takeLogin(deps, request, repeatsLeft - 1) : undefined;
  return followLogin(deps, outcome, { ...of, again });
}

/** What follows a method's answer, whether it came from a submission or from a callback. */
export async function followLogin(
  deps: FlowDeps,
  outcome: LoginOutcome,
  of: LoginSubmission,
): Promise<FlowResult> {
  if (outcome.kind === 'authenticated') return completeLogin(deps, outcome, of);
  return followStep(deps, outcome, { ...of, order: loginOrder(deps, of.flow) });
}
