// An attempt goes on in a new flow of another kind: a sign-in of somebody without an account, a sign-up of somebody who has one.
import { tokenDigest } from '../../lib/secret.ts';
import { withQuery } from '../../lib/url.ts';
import { concurrentUpdate } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import { restartLogin } from '../login/create.ts';
import { loginAt, loginOrder } from '../login/nodes.ts';
import { followLogin } from '../login/submit.ts';
import type { HandOver } from '../method/outcome.ts';
import { restartRegistration } from '../registration/create.ts';
import { registrationAt, registrationOrder } from '../registration/nodes.ts';
import { followRegistration } from '../registration/submit.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { patchFlow } from './patch.ts';
import type { Submission } from './submission.ts';

/** Ends the old flow, stores the new one in its place, and follows what the method answers there. */
export async function handOver(deps: FlowDeps, outcome: HandOver, from: Submission): Promise<FlowResult> {
  const { request, method } = from;
  const flow = await successor(deps, outcome, from);
  await deps.database.transaction(async (stores) => {
    if (!(await stores.flows.consume(from.flow.id))) throw concurrentUpdate();
    await stores.flows.insert(flow);
  });
  const next = await goOn(deps, outcome, { flow, request, method });
  return flow.type === 'browser' && !request.csrfFromCookie ? withNewCsrf(next) : next;
}

async function successor(deps: FlowDeps, outcome: HandOver, from: Submission): Promise<Flow> {
  const { flow: old, request } = from;
  const isLogin = outcome.to === 'login';
  const restart = isLogin ? restartLogin(deps, outcome) : restartRegistration(deps);
  const { transientPayload } = old;
  const made = await restart(old, request);
  const fresh: Flow = {
    ...made,
    ...(transientPayload ? { transientPayload } : {}),
    ...(made.type === 'browser' ? { csrfDigest: tokenDigest(tokenOf(request)) } : {}),
  };
  const order = isLogin ? loginOrder(deps, fresh) : registrationOrder(deps, fresh);
  const patch = outcome.patch?.(fresh);
  return patch ? patchFlow(deps, fresh, patch, { method: from.method, order }) : fresh;
}

/** A browser whose cookie did not come along gets a new one with the answer: without it, it could not use the new form. */
const tokenOf = (request: FlowRequest): string =>
  request.csrfFromCookie ? request.csrfToken : request.nextCsrfToken;

async function goOn(deps: FlowDeps, outcome: HandOver, of: Submission): Promise<FlowResult> {
  if (outcome.to === 'login' && outcome.goOn) {
    const at = loginAt(deps, of.method, { ...of, person: undefined });
    return followLogin(deps, await outcome.goOn(at), { ...of, active: undefined });
  }
  if (outcome.to === 'registration' && outcome.goOn) {
    return followRegistration(deps, await outcome.goOn(registrationAt(deps, of.method, of)), of);
  }
  const page = withQuery(deps.settings.uiUrl[outcome.to], { flow: of.flow.id, ...outcome.pageQuery });
  return { kind: 'form', flow: of.flow, jsonStatus: 400, goTo: page };
}

function withNewCsrf(result: FlowResult): FlowResult {
  if (result.kind === 'started') return result;
  return { ...result, cookies: { ...result.cookies, rotatesCsrf: true } };
}
