// Starts the verification of an address.
import { verificationDisabled } from '../../base/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { FlowType } from '../flow.ts';
import { runHooks } from '../hook.ts';
import { newProofFlow } from '../proof-start.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';

/** Answers GET /self-service/verification/{browser,api}. */
export async function createVerification(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  if (!deps.settings.isVerificationOpen) throw verificationDisabled();
  const flow = newProofFlow(deps, 'verification', type, request);
  await runHooks(deps.hooks.verification.init, 'init', { flow, request, atMs: flow.issuedAtMs });
  await deps.database.stores.flows.insert(flow);
  return { kind: 'started', flow };
}
