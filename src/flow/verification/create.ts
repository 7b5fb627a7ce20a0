// Starts the verification of an address.
import { ApiError } from '../../protocol/api-error.ts';
import { verificationDisabled } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runInitHooks } from '../hook/run.ts';
import { newProofFlow } from '../proof/start.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';

/** Answers GET /self-service/verification/{browser,api}. */
export async function createVerification(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  if (!deps.settings.isVerificationOpen) throw verificationDisabled();
  try {
    return { kind: 'started', flow: await begin(deps, type, request) };
  } catch (error) {
    // What else stops a verification is told as JSON even to browsers (docs/protocol/http.md 2.10).
    if (error instanceof ApiError) return { kind: 'refused', error, cookies: {} };
    throw error;
  }
}

async function begin(deps: FlowDeps, type: FlowType, request: FlowRequest): Promise<Flow> {
  const flow = newProofFlow(deps, 'verification', type, request);
  await runInitHooks(deps, { flow, request, atMs: flow.issuedAtMs });
  await deps.database.stores.flows.insert(flow);
  return flow;
}
