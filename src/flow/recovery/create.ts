// Starts the recovery of an account.
import { recoveryDisabled, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { FlowType } from '../flow.ts';
import { runInitHooks } from '../hook/run.ts';
import { newProofFlow } from '../proof/start.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { activeSession } from '../session/signed-in.ts';

/** Answers GET /self-service/recovery/{browser,api}. */
export async function createRecovery(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  if (!deps.settings.isRecoveryOpen) throw recoveryDisabled();
  await refuseSignedIn(deps, request);
  const flow = newProofFlow(deps, 'recovery', type, request);
  await runInitHooks(deps, { flow, request, atMs: flow.issuedAtMs });
  await deps.database.stores.flows.insert(flow);
  return { kind: 'started', flow };
}

/** Who is signed in has nothing to recover; a browser is sent on. */
export async function refuseSignedIn(deps: FlowDeps, request: FlowRequest): Promise<void> {
  if (!(await activeSession(deps, request.credentials))) return;
  throw sessionAlreadyAvailable('You are already signed in. Sign out to recover another account.', {
    url: deps.settings.defaultReturnUrl,
    status: 302,
  });
}
