// A sign-in form that was sent twice: who is signed in by it goes on, and whoever lost the answer is checked once more.
import { identityToJson } from '../../identity/view.ts';
import * as messages from '../../protocol/messages.ts';
import { isAtLeast, reachedAal } from '../../session/aal.ts';
import { sessionToJson } from '../../session/view.ts';
import type { FlowDeps } from '../deps.ts';
import { replaceFlow } from '../engine/expiry.ts';
import { type FinishedFlow, isNoSignIn, isSentAgain, whereItLed } from '../engine/sent-again.ts';
import type { Flow } from '../flow.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { type SignedIn, signedIn } from '../session/signed-in.ts';
import { restartLogin } from './create.ts';

/** `take` takes the same submission in another flow, with all of its checks. */
export async function loginSentAgain(
  deps: FlowDeps,
  old: FinishedFlow,
  of: { readonly request: FlowRequest; readonly take: (replacement: Flow) => Promise<FlowResult> },
): Promise<FlowResult> {
  const { request } = of;
  const active = await signedIn(deps, request.credentials);
  if (active && hasWhatItGave(old, active)) return sameAnswer(deps, old, active);
  if (isSentAgain(deps, old, request) && old.requestedAal === 'aal1') {
    const replacement = await restartLogin(deps)(old, request);
    await deps.database.stores.flows.insert(replacement);
    const result = await of.take(replacement);
    if (!isNoSignIn(result)) return result;
  }
  return replaceFlow(deps, old, {
    request,
    restart: restartLogin(deps),
    message: () => messages.loginSentAgain(),
  });
}

/** The session of the first answer, or of another one that the same click made. */
export function hasWhatItGave(
  { finished, requestedAal }: FinishedFlow,
  { identity, session }: SignedIn,
): boolean {
  return identity.id === finished.identityId && isAtLeast(reachedAal(session.authMethods), requestedAal);
}

/** What the first answer said and where it led, without its cookies: the browser has them. */
export function sameAnswer(deps: FlowDeps, old: FinishedFlow, active: SignedIn): FlowResult {
  const { session } = active;
  const goTo = whereItLed(deps, old);
  const identity = identityToJson(active.identity, { publicUrl: deps.settings.publicUrl });
  const shown = sessionToJson(session, { nowMs: deps.clock.nowMs(), identity, identityState: 'active' });
  return {
    kind: 'done',
    json: {
      session: shown,
      ...(old.kind === 'registration' ? { identity } : {}),
      continue_with: [{ action: 'redirect_browser_to', redirect_browser_to: goTo }],
    },
    goTo,
  };
}
