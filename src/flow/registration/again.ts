// A sign-up form that was sent twice: there is one account, and its person ends up signed in or on the form to sign in.
import { withQuery } from '../../lib/url.ts';
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { dispatch } from '../engine/dispatch.ts';
import { replaceFlow } from '../engine/expiry.ts';
import { type FinishedFlow, isNoSignIn, isSentAgain, whereItLed } from '../engine/sent-again.ts';
import { schemaOf } from '../engine/start.ts';
import { restartLogin } from '../login/create.ts';
import { followLogin } from '../login/submit.ts';
import type { RegistrationStep } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { restartRegistration } from './create.ts';

export async function registrationSentAgain(
  deps: FlowDeps,
  old: FinishedFlow,
  request: FlowRequest,
): Promise<FlowResult> {
  const message = () => messages.registrationSentAgain();
  if (old.type === 'api' || request.client.isJson) {
    const signedInAgain = await signInAgain(deps, old, request);
    return signedInAgain ?? replaceFlow(deps, old, { request, restart: restartRegistration(deps), message });
  }
  const signedInAgain = await signInAgain(deps, old, request);
  if (signedInAgain) return signedInAgain;
  const made = await restartLogin(deps)(old, request);
  const login = { ...made, form: { ...made.form, messages: [message()] } };
  await deps.database.stores.flows.insert(login);
  const page = withQuery(deps.settings.uiUrl.login, { flow: login.id });
  return { kind: 'form', flow: login, jsonStatus: 400, goTo: page };
}

/** The browser that made the account has lost the answer: its method checks what it submits, in a login of its own. */
async function signInAgain(
  deps: FlowDeps,
  old: FinishedFlow,
  request: FlowRequest,
): Promise<FlowResult | undefined> {
  if (old.finished.sessionId === undefined || !isSentAgain(deps, old, request)) return undefined;
  const found = dispatch<RegistrationStep>({
    flow: old,
    request,
    methods: deps.methods,
    absentMethods: deps.absentMethods,
    schema: schemaOf(deps, old),
    isEnabled: (method) => method.isInRegistration,
    stepOf: (method) => method.handlers.registration,
    nobody: messages.noRegistrationMethod(),
  });
  const identity = await deps.database.stores.identities.findFull(old.finished.identityId);
  if (found.kind === 'rejected' || !identity) return undefined;
  const outcome = await found.step.sentAgain?.({ identity, body: found.body });
  if (!outcome) return undefined;
  const login = await restartLogin(deps)(old, request);
  await deps.database.stores.flows.insert(login);
  const result = await followLogin(deps, outcome, {
    flow: login,
    request,
    method: found.method.name,
    active: undefined,
  });
  if (isNoSignIn(result)) return undefined;
  return result.kind === 'done' && result.goTo !== undefined
    ? { ...result, goTo: whereItLed(deps, old) }
    : result;
}
