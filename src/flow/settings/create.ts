// Starts settings for the person who is signed in.
import type { FullIdentity } from '../../identity/identity.ts';
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runHooks } from '../hook/contract.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { requireStarter } from './guard.ts';
import { settingsForm } from './nodes.ts';

/** Answers GET /self-service/settings/{browser,api}. */
export async function createSettings(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  const active = await requireStarter(deps, type, request);
  const flow = await withForm(deps, newFlow(deps, 'settings', type, request), active.identity);
  await runHooks(deps.hooks.settings.init, 'init', {
    flow,
    request,
    atMs: flow.issuedAtMs,
    identity: active.identity,
    session: active.session,
  });
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
  of: { readonly identity: FullIdentity; readonly request: FlowRequest },
): Promise<Flow> {
  return withForm(deps, newFlow(deps, 'settings', type, of.request), of.identity);
}

/** Makes the settings that take the place of a flow that is over or was saved. */
export function restartSettings(deps: FlowDeps, identity: FullIdentity): Restart {
  return async (old: Flow, request: FlowRequest) => {
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    return withForm(deps, inherit(newFlow(deps, 'settings', old.type, plain), old), identity);
  };
}

async function withForm(deps: FlowDeps, flow: Flow, identity: FullIdentity): Promise<Flow> {
  const owned: Flow = { ...flow, state: 'show_form', identityId: identity.id };
  return { ...owned, form: await settingsForm(deps, owned, identity) };
}
