// What happens to a flow whose time is over or that was used up: a replacement of the same kind and type takes its place.

import { toRfc3339 } from '../../lib/clock.ts';
import { newFlowId } from '../../lib/ids.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import { flowExpired, flowGone } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow, FlowKind } from '../flow.ts';
import type { ClientKind, FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';

/** Makes a fresh flow that takes over address, type and schema of an old one. */
export type Restart = (old: Flow, request: FlowRequest) => Promise<Flow>;

export function isExpired(flow: Flow, nowMs: number): boolean {
  return flow.expiresAtMs <= nowMs;
}

/** The flow with everything of an earlier one that a fresh start must keep. */
export function inherit(fresh: Flow, old: Flow): Flow {
  const { returnTo: _r, identitySchema: _s, loginChallenge: _c, exchange: _e, ...rest } = fresh;
  return {
    ...rest,
    id: newFlowId(),
    type: old.type,
    requestUrl: old.requestUrl,
    ...(old.returnTo === undefined ? {} : { returnTo: old.returnTo }),
    ...(old.identitySchema === undefined ? {} : { identitySchema: old.identitySchema }),
    ...(old.loginChallenge === undefined ? {} : { loginChallenge: old.loginChallenge }),
    ...(old.exchange === undefined ? {} : { exchange: old.exchange }),
  };
}

/**
 * Answers a submission to a flow that is over: a browser goes to the replacement, everybody else gets 410 with its id
 * (docs/protocol/http.md 2.4). `message` says above the new form why it is a new one.
 */
export async function replaceFlow(
  deps: FlowDeps,
  old: Flow,
  of: { readonly request: FlowRequest; readonly restart: Restart; readonly message: ExpiredMessage },
): Promise<FlowResult> {
  const nowMs = deps.clock.nowMs();
  const expiredAtMs = Math.min(old.expiresAtMs, nowMs);
  const fresh = await of.restart(old, of.request);
  const message = of.message({ expiredAtMs, nowMs });
  const cookies = { rotatesCsrf: old.kind === 'verification' && old.type === 'browser' };
  const flow: Flow = {
    ...withMessage(fresh, message),
    ...(cookies.rotatesCsrf ? { csrfDigest: tokenDigest(of.request.nextCsrfToken) } : {}),
  };
  await deps.database.stores.flows.insert(flow);
  const { client } = of.request;
  if (old.kind === 'recovery' || old.kind === 'verification')
    return { ...replaced(deps, flow, { client, expiredAtMs, nowMs }), cookies };
  if (old.type === 'api' || of.request.client.isJson) {
    throw flowExpired({
      expiredAt: toRfc3339(expiredAtMs),
      sinceMs: nowMs - expiredAtMs,
      useFlowId: flow.id,
    });
  }
  return { kind: 'form', flow, jsonStatus: 400 };
}

const withMessage = (flow: Flow, message: Message): Flow => ({
  ...flow,
  form: { ...flow.form, messages: [message] },
});

/** Recovery and verification send apps to the new flow by a redirect; native apps get 410 where they go by transitions. */
function replaced(
  deps: FlowDeps,
  flow: Flow,
  of: { readonly client: ClientKind; readonly expiredAtMs: number; readonly nowMs: number },
): Extract<FlowResult, { kind: 'form' | 'moved' }> {
  const isApp = flow.type === 'api' || of.client.isJson;
  if (!isApp) return { kind: 'form', flow, jsonStatus: 400 };
  if (flow.kind === 'recovery' && flow.type === 'api' && deps.settings.usesTransitions) {
    throw flowExpired({
      expiredAt: toRfc3339(of.expiredAtMs),
      sinceMs: of.nowMs - of.expiredAtMs,
      useFlowId: flow.id,
      details: { continue_with: [{ action: 'show_recovery_ui', flow: { id: flow.id } }] },
    });
  }
  return { kind: 'moved', url: `${deps.settings.publicUrl}self-service/${flow.kind}/flows?id=${flow.id}` };
}

export type ExpiredMessage = (when: { readonly expiredAtMs: number; readonly nowMs: number }) => Message;

/** Kinds whose expired browser flows answer without an id when fetched, and those of api type that do (docs/protocol/http.md 2.3). */
const HAS_ID: Readonly<Record<FlowKind, { readonly browser: boolean; readonly api: boolean }>> = {
  login: { browser: true, api: true },
  registration: { browser: true, api: true },
  recovery: { browser: false, api: true },
  verification: { browser: false, api: false },
  settings: { browser: false, api: false },
};

/** Answers the fetching of a flow that is over: where to start again, and a replacement that was made on the spot. */
export async function refuseGone(
  deps: FlowDeps,
  old: Flow,
  of: { readonly request: FlowRequest; readonly restart: Restart; readonly message: ExpiredMessage },
): Promise<never> {
  const nowMs = deps.clock.nowMs();
  const fresh = await of.restart(old, of.request);
  const message = of.message({ expiredAtMs: Math.min(old.expiresAtMs, nowMs), nowMs });
  await deps.database.stores.flows.insert(withMessage(fresh, message));
  const start = `${deps.settings.publicUrl}self-service/${old.kind}`;
  const returnTo = old.returnTo ?? '';
  const query = returnTo === '' ? '' : `?return_to=${encodeURIComponent(returnTo)}`;
  throw flowGone({
    id: HAS_ID[old.kind][old.type] ? 'self_service_flow_expired' : undefined,
    details:
      old.type === 'api'
        ? { api: `${start}/api` }
        : { redirect_to: `${start}/browser${query}`, return_to: returnTo },
    useFlowId: fresh.id,
  });
}
