// A verification that a sign-up for an OAuth2 server began: once it is done, the server is answered.
import type { Node } from '../../form/node.ts';
import type { FlowDeps } from '../deps.ts';
import { withoutTransientPayload } from '../engine/follow.ts';
import type { Submission } from '../engine/submission.ts';
import type { Flow, LoginChallenge } from '../flow.ts';
import { leaveForServer } from '../oauth2/login-challenge.ts';
import type { FlowResult } from '../result.ts';
import { isLevelEnough, signedIn } from '../session/signed-in.ts';

/**
 * Back to the OAuth2 server, for the browser that signed up: it holds the session with which the verification began. Another
 * one gets no session from here: whoever reads a code is not the person who is signed in.
 */
export async function goOnForChallenge(
  deps: FlowDeps,
  challenge: LoginChallenge,
  of: Pick<Submission, 'flow' | 'request'> & { readonly passed: Flow },
): Promise<FlowResult> {
  const passed = withoutTransientPayload(of.passed);
  const active = await signedIn(deps, of.request.credentials);
  const isSame = active !== undefined && active.session.id === of.flow.sessionId;
  const factors = Object.values(active?.identity.credentials ?? {});
  if (!isSame || !isLevelEnough(deps, { session: active.session, factors }, deps.settings.whoamiAal)) {
    return { kind: 'form', flow: passed, jsonStatus: 200 };
  }
  const { session, token } = active;
  const cookies = { session: { token, expiresAtMs: session.expiresAtMs } };
  const person = { identityId: session.identityId, session, authMethods: session.authMethods, cookies };
  const left = await leaveForServer(deps, challenge, person);
  if (left.kind !== 'goto' || !of.request.client.isJson) return left;
  const nodes = passed.form.nodes.map((node): Node => {
    const { attributes } = node;
    return attributes.node_type === 'a' ? { ...node, attributes: { ...attributes, href: left.url } } : node;
  });
  // Kratos shows the payload in this answer and in no other of a verification.
  const transientPayload = of.flow.transientPayload ?? {};
  const shown = { ...passed, transientPayload, form: { ...passed.form, nodes } };
  return { kind: 'form', flow: shown, jsonStatus: 200, cookies };
}
