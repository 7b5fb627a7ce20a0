// Takes a submission to settings: checks in a fixed order, then the method, then what follows its answer.

import { touchesSignIn } from '../../identity/assemble.ts';
import { withChanges } from '../../identity/change/decide.ts';
import * as messages from '../../protocol/messages.ts';
import { noSession } from '../../protocol/refusals.ts';
import { isPrivileged } from '../../session/lifecycle.ts';
import type { FlowDeps } from '../deps.ts';
import { dispatch } from '../engine/dispatch.ts';
import { isExpired, replaceFlow } from '../engine/expiry.ts';
import { asRejected, followStep } from '../engine/follow.ts';
import { flowToSubmit } from '../engine/load.ts';
import { changeRules } from '../engine/plan.ts';
import type { FormSubmission } from '../engine/submission.ts';
import { takeStep } from '../engine/take-step.ts';
import type { SettingsOutcome } from '../method/outcome.ts';
import type { SettingsStep } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { TOO_MANY_TRIES } from '../secret/budget.ts';
import { signedIn } from '../session/signed-in.ts';
import { completeSettings, type SettingsSubmission } from './complete.ts';
import { restartSettings } from './create.ts';
import { requireOwner } from './guard.ts';
import { settingsAt, settingsOrder } from './nodes.ts';
import { parkSubmission, takeParked } from './parked.ts';

/** Answers POST and GET /self-service/settings; a GET brings a parked submission back. */
export async function submitSettings(deps: FlowDeps, incoming: FlowRequest): Promise<FlowResult> {
  const flow = await flowToSubmit(deps, 'settings', incoming);
  const active = await requireOwner(deps, flow, { request: incoming, returnTo: incoming.url });
  if (isExpired(flow, deps.clock.nowMs())) {
    const restart = restartSettings(deps, active);
    return replaceFlow(deps, flow, { request: incoming, restart, message: messages.settingsExpired });
  }
  const parked = await takeParked(deps, { flow, request: incoming, active });
  const request: FlowRequest = parked ? { ...incoming, verb: 'POST', body: parked } : incoming;
  const found = dispatch<SettingsStep>({
    flow,
    request,
    methods: deps.methods,
    absentMethods: deps.absentMethods,
    schema: deps.schemas.get(active.identity.schemaId),
    isEnabled: (method) => method.isEnabled,
    stepOf: (method) => method.handlers.settings,
    nobody: messages.noSettingsMethod(),
  });
  const order = settingsOrder(deps, active.identity);
  const form: FormSubmission = { flow, request, method: '', order, subject: active.identity };
  if (found.kind === 'rejected') return followStep(deps, found, form);
  const isRecent = isPrivileged(active.session, deps.clock.nowMs(), deps.settings.privilegedMaxAgeMs);
  if (found.step.isAlwaysSensitive && !isRecent) return parkSubmission(deps, { flow, request, active });
  const here = { flow: found.flow, request, owner: active };
  const outcome = await takeStep(deps, found.step, {
    ...settingsAt(deps, found.method.name, here),
    body: found.body,
  });
  const of = { flow: found.flow, request, method: found.method.name, active };
  if (!outcome) return followStep(deps, asRejected(messages.generic(TOO_MANY_TRIES)), { ...form, ...of });
  return followSettings(deps, outcome, of);
}

/** How often a change is decided on again where the person changed otherwise at the same moment. */
const MOST_REPEATS = 2;

/** What follows a method's answer, whether it came from a submission or from a callback. */
export async function followSettings(
  deps: FlowDeps,
  outcome: SettingsOutcome,
  of: SettingsSubmission,
  repeatsLeft = MOST_REPEATS,
): Promise<FlowResult> {
  if (outcome.kind !== 'changed') {
    const order = settingsOrder(deps, of.active.identity);
    return followStep(deps, outcome, { ...of, order, subject: of.active.identity });
  }
  const when = { rules: changeRules(deps), nowMs: deps.clock.nowMs() };
  const changed = withChanges(of.active.identity, outcome.changes, when);
  const isSensitive =
    outcome.isSensitive === 'if-sign-in-changes'
      ? touchesSignIn(of.active.identity, changed)
      : outcome.isSensitive;
  const { session } = of.active;
  const isRecent = isPrivileged(session, deps.clock.nowMs(), deps.settings.privilegedMaxAgeMs);
  if (isSensitive && !isRecent) return parkSubmission(deps, of);
  const again = async (): Promise<FlowResult> => {
    // Who they are and whether they may was decided when the submission came; here they are only read anew.
    const active = await signedIn(deps, of.request.credentials);
    if (!active) throw noSession();
    return followSettings(deps, outcome, { ...of, active }, repeatsLeft - 1);
  };
  return completeSettings(deps, outcome, { ...of, changed, again: repeatsLeft > 0 ? again : undefined });
}
