// Starts a registration.
import { registrationDisabled, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow, returnUrl } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runInitHooks } from '../hook/run.ts';
import { answerWithSession, isSkipped, readLoginChallenge } from '../oauth2/login-challenge.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { beginExchange, keepExchange } from '../session/exchange.ts';
import { activeSession } from '../session/signed-in.ts';
import { withRegistrationForm } from './nodes.ts';

/** Answers GET /self-service/registration/{browser,api}. */
export async function createRegistration(
  deps: FlowDeps,
  type: FlowType,
  request: FlowRequest,
): Promise<FlowResult> {
  if (!deps.settings.isRegistrationOpen) throw registrationDisabled();
  const challenge = type === 'browser' ? await readLoginChallenge(deps, request) : undefined;
  const exchange = beginExchange('registration', type, request);
  const flow: Flow = {
    ...newFlow(deps, 'registration', type, request),
    ...(challenge ? { loginChallenge: challenge } : {}),
    ...(exchange ? { exchange: exchange.initDigest } : {}),
  };
  const active = await activeSession(deps, request.credentials);
  if (active) {
    // Whoever has an account signs in for the challenge; there is nothing to sign up for.
    if (challenge) {
      const returnTo = request.query.get('return_to');
      return isSkipped(challenge)
        ? answerWithSession(deps, challenge, { active, returnTo })
        : moveToLogin(deps, request);
    }
    throw sessionAlreadyAvailable(
      'You are already signed in. Sign out to create another account.',
      type === 'browser'
        ? {
            url: returnUrl(deps, request.query.get('return_to'), deps.settings.defaultReturnUrl),
            status: 303,
          }
        : undefined,
    );
  }
  const made = await withRegistrationForm(deps, { flow, request });
  await runInitHooks(deps, { flow: made, request, atMs: flow.issuedAtMs });
  await keepExchange(deps, exchange);
  await deps.database.stores.flows.insert(made);
  return { kind: 'started', flow: made, ...(exchange ? { exchangeCode: exchange.code } : {}) };
}

/** The same question, asked of the login: it knows when a session is enough. */
function moveToLogin({ settings }: FlowDeps, { url }: FlowRequest): FlowResult {
  const login = new URL(`${settings.publicUrl}self-service/login/browser`);
  login.search = new URL(url).search;
  return { kind: 'goto', url: login.href, status: 302 };
}

/** Makes the registration that takes the place of one that is over, or of a login whose person has no account. */
export function restartRegistration(deps: FlowDeps): Restart {
  return async (old: Flow, request: FlowRequest) => {
    if (!deps.settings.isRegistrationOpen) throw registrationDisabled();
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    const flow = inherit(newFlow(deps, 'registration', old.type, plain), old);
    return withRegistrationForm(deps, { flow, request });
  };
}
