// Finds the flow that a request names.

import { type FlowId, parseUuid } from '../../lib/ids.ts';
import { equalSecrets, tokenDigest } from '../../lib/secret.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { csrfViolation, flowIdMissing, flowNotFound, notFound } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow, FlowKind } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import { finishedFlow } from './sent-again.ts';

/** The flow of `?flow=`. 400 where the parameter is missing or no id, 404 where there is no such flow. */
export async function flowToSubmit(deps: FlowDeps, kind: FlowKind, request: FlowRequest): Promise<Flow> {
  const id = parseUuid<FlowId>(request.query.get('flow'));
  if (!id) throw flowIdMissing();
  const flow = await deps.database.stores.flows.find(kind, id);
  if (flow) return flow;
  throw kind === 'login' || kind === 'registration' ? notFound() : flowNotFound();
}

/** The same; and where it ended with success, what is kept of it: its form was sent already. */
export async function flowOrFinished(deps: FlowDeps, kind: FlowKind, request: FlowRequest): Promise<Flow> {
  try {
    return await flowToSubmit(deps, kind, request);
  } catch (error) {
    const finished = error instanceof ApiError && (await finishedFlow(deps, kind, request));
    if (finished) return finished;
    throw error;
  }
}

/** The flow of `?id=`; only the browser that started it may see a browser flow. A malformed id is nobody's. */
export async function flowToShow(deps: FlowDeps, kind: FlowKind, request: FlowRequest): Promise<Flow> {
  const id = parseUuid<FlowId>(request.query.get('id'));
  const flow = id && (await deps.database.stores.flows.find(kind, id));
  if (!flow) throw notFound();
  if (kind !== 'settings') requireSameBrowser(flow, request);
  return flow;
}

/** Stops anybody who learned a flow's id from reading what was typed into it, or from having it submitted elsewhere. */
function requireSameBrowser(flow: Flow, request: FlowRequest): void {
  if (flow.type !== 'browser' || flow.csrfDigest === undefined) return;
  if (request.csrfFromCookie && equalSecrets(tokenDigest(request.csrfToken), flow.csrfDigest)) return;
  throw csrfViolation(request.csrfHint(false));
}
