// Starts a registration.
import { registrationDisabled, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow, refuseLoginChallenge, returnUrl } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runInitHooks } from '../hook/run.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { activeSession } from '../session/signed-in.ts';
import { withRegistrationForm } from './nodes.ts';

/** Answers GET /self-service/registration/{browser,api}. */
export async function createRegistration(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  if (!deps.settings.isRegistrationOpen) throw registrationDisabled();
  const flow = newFlow(deps, 'registration', type, request);
  if (type === 'browser') refuseLoginChallenge(deps, request);
  if (await activeSession(deps, request.credentials)) {
    throw sessionAlreadyAvailable(
      'Somebody is signed in already, so no new account can be made.',
      type === 'browser'
        ? {
            url: returnUrl(deps, request.query.get('return_to'), deps.settings.defaultReturnUrl),
            status: 303,
          }
        : undefined,
    );
  }
  const made = await withRegistrationForm(deps, { flow, request });
  await runInitHooks(deps, { flow: made, request, atMs: flow.issuedAtMs });
  await deps.database.stores.flows.insert(made);
  return { kind: 'started', flow: made };
}

/** Makes the registration that takes the place of one that is over, or of a login whose person has no account. */
export function restartRegistration(deps: FlowDeps): Restart {
  return async (old: Flow, request: FlowRequest) => {
    if (!deps.settings.isRegistrationOpen) throw registrationDisabled();
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    const flow = inherit(newFlow(deps, 'registration', old.type, plain), old);
    return withRegistrationForm(deps, { flow, request });
  };
}
