// After the proof of a verification: the address is verified, and the form leads on to the application.
import * as messages from '../../base/messages.ts';
import { csrfNode, type Node } from '../../base/node.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { FlowDeps } from '../deps.ts';
import { securityEvent } from '../events.ts';
import type { Flow } from '../flow.ts';
import { withoutTransientPayload } from '../follow.ts';
import { hooksFor, runHooks } from '../hook.ts';
import { onlyOnce } from '../only-once.ts';
import type { Proven } from '../outcome.ts';
import { startOver } from '../proof-submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { returnUrl } from '../start.ts';
import { stoppedByHook } from '../stopped.ts';
import { withVerifiedAddress } from '../verified-address.ts';

interface Submitted {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly method: string;
}

export async function completeVerification(
  deps: FlowDeps,
  proven: Proven,
  of: Submitted,
): Promise<FlowResult> {
  const { flow, request } = of;
  const nowMs = deps.clock.nowMs();
  const identity = withVerifiedAddress(proven.identity, proven.address, nowMs);
  const context = { flow, request, atMs: nowMs, identity };
  const hooks = await runHooks(hooksFor(deps.hooks.verification, of.method, 'before'), 'before', context);
  if (hooks.kind !== 'pass') {
    return stoppedByHook(deps, hooks, { step: { ...of, order: (nodes) => nodes } });
  }
  const passed = passedFlow(deps, proven, of);
  const subject = { identityId: identity.id };
  const isFirst = await onlyOnce(deps.database, async (stores) => {
    if (!(await stores.flows.save(passed)) || !(await proven.effect(stores))) return false;
    await stores.secrets.deleteOfFlow(flow.id);
    if (identity !== proven.identity) {
      await stores.identities.update(identity);
      await stores.events.append(securityEvent(deps, of, { kind: 'address.verified', ...subject }));
    }
    for (const effect of hooks.effects) await effect(stores);
    await stores.events.append(securityEvent(deps, of, { kind: 'verification.succeeded', ...subject }));
    return true;
  });
  if (!isFirst) {
    const outcome = { message: messages.verificationAlreadyDone() };
    return startOver(deps, 'verification', { outcome, old: flow, request });
  }
  await runHooks(hooksFor(deps.hooks.verification, of.method, 'after'), 'after', context);
  const rotatesCsrf = proven.isFollowedLink && flow.type === 'browser' && !request.csrfFromCookie;
  return {
    kind: 'form',
    flow: withoutTransientPayload(passed),
    jsonStatus: 200,
    ...(rotatesCsrf ? { cookies: { rotatesCsrf } } : {}),
  };
}

/** The finished flow: nothing to fill in any more, only the way on. */
function passedFlow(deps: FlowDeps, proven: Proven, { flow, request, method }: Submitted): Flow {
  const { settings } = deps;
  const goOn = returnUrl(
    deps,
    flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to'),
    settings.afterUrls.verification.all ?? settings.defaultReturnUrl,
  );
  const message = proven.address?.via === 'sms' ? messages.phoneVerified() : messages.emailVerified();
  const label = messages.continueLabel();
  const way: Node = {
    type: 'a',
    group: method,
    attributes: { node_type: 'a', id: 'continue', href: goOn, title: label },
    messages: [],
    meta: { label },
  };
  // Whoever opens the link in another browser is to see the page there.
  const opener = request.csrfFromCookie ? request.csrfToken : request.nextCsrfToken;
  return {
    ...flow,
    state: 'passed_challenge',
    ...(proven.isFollowedLink && flow.type === 'browser' ? { csrfDigest: tokenDigest(opener) } : {}),
    form: { nodes: [csrfNode, way], messages: [message], goesTo: { action: goOn, method: 'GET' } },
  };
}
