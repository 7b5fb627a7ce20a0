// Starts settings for the person who is signed in.
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runInitHooks } from '../hook/run.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { requireStarter } from './guard.ts';
import { type SettingsOwner, withSettingsForm } from './nodes.ts';

/** Answers GET /self-service/settings/{browser,api}. */
export async function createSettings(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  const active = await requireStarter(deps, type, request);
  const fresh = newFlow(deps, 'settings', type, request);
  const flow = await withForm(deps, { flow: fresh, request, owner: active });
  await runInitHooks(deps, { flow, request, atMs: flow.issuedAtMs, person: active });
  await deps.database.transaction(async (stores) => {
    // A new start means that the earlier change is no longer wanted.
    await stores.parked.deleteOfIdentity(active.identity.id);
    await stores.flows.insert(flow);
  });
  return { kind: 'started', flow, subject: active.identity };
}

/** Settings of a person who has just proven who they are, not stored yet. */
export function newSettingsFlow(
  deps: FlowDeps,
  type: FlowType,
  of: { readonly owner: SettingsOwner; readonly request: FlowRequest },
): Promise<Flow> {
  return withForm(deps, { ...of, flow: newFlow(deps, 'settings', type, of.request) });
}

/** Makes the settings that take the place of a flow that is over or was saved. */
export function restartSettings(deps: FlowDeps, owner: SettingsOwner): Restart {
  return async (old: Flow, request: FlowRequest) => {
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    const flow = inherit(newFlow(deps, 'settings', old.type, plain), old);
    return withForm(deps, { flow, request, owner });
  };
}

function withForm(
  deps: FlowDeps,
  here: { readonly flow: Flow; readonly request: FlowRequest; readonly owner: SettingsOwner },
): Promise<Flow> {
  const flow: Flow = { ...here.flow, state: 'show_form', identityId: here.owner.identity.id };
  return withSettingsForm(deps, { ...here, flow });
}
