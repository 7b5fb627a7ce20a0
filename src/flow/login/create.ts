// Starts a login: a fresh one, one that confirms who is signed in (refresh), or one that adds a second factor.

import { isTrue } from '../../lib/bool.ts';
import * as messages from '../../protocol/messages.ts';
import { badRequest, firstFactorRequired, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import { isAtLeast, reachedAal } from '../../session/aal.ts';
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow, returnUrl } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runHooks } from '../hook/contract.ts';
import {
  answerWithSession,
  isSkipped,
  readLoginChallenge,
  withOverride,
  withRefresh,
} from '../oauth2/login-challenge.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { type SignedIn, signedIn } from '../session/signed-in.ts';
import { beginLogin } from './begin.ts';
import { loginForm, startingMoment } from './nodes.ts';

/** Answers GET /self-service/login/{browser,api}. */
export async function createLogin(deps: FlowDeps, type: FlowType, request: FlowRequest): Promise<FlowResult> {
  const challenge = type === 'browser' ? await readLoginChallenge(deps, request) : undefined;
  const asked = challenge && !isSkipped(challenge) ? withRefresh(request) : request;
  const flow: Flow = {
    ...newFlow(deps, 'login', type, withOverride(deps, asked, challenge)),
    ...(challenge ? { loginChallenge: challenge } : {}),
  };
  const wishes = readWishes(asked);
  const active = await signedIn(deps, request.credentials);
  if (!active) {
    if (wishes.requestedAal === 'aal2') throw firstFactorRequired();
  } else if (!wishes.refresh && isAtLeast(reachedAal(active.session.authMethods), wishes.requestedAal)) {
    if (challenge) {
      const withFactors = { ...active, factors: Object.values(active.identity.credentials) };
      return answerWithSession(deps, challenge, {
        active: withFactors,
        returnTo: request.query.get('return_to'),
      });
    }
    throw sessionAlreadyAvailable(
      'Somebody is signed in already. Ask for a refresh to confirm who it is.',
      type === 'browser'
        ? {
            url: returnUrl(deps, request.query.get('return_to'), deps.settings.defaultReturnUrl),
            status: 303,
          }
        : undefined,
    );
  }
  const refresh = wishes.refresh && active !== undefined;
  const made = await withForm(deps, { ...flow, requestedAal: wishes.requestedAal, refresh }, active);
  await runHooks(deps.hooks.login.init, 'init', { flow: made, request, atMs: flow.issuedAtMs });
  const moment = startingMoment(deps, made, active?.identity);
  const begun =
    moment.kind === 'second-factor' ? await beginLogin(deps, { flow: made, request, moment }) : undefined;
  if (!begun) {
    await deps.database.stores.flows.insert(made);
    return { kind: 'started', flow: made };
  }
  await deps.database.transaction(async (stores) => {
    await stores.flows.insert(begun.flow);
    await begun.effect?.(stores);
  });
  return { kind: 'started', flow: begun.flow };
}

/** Makes the login that takes the place of one that is over. */
export function restartLogin(deps: FlowDeps): Restart {
  return async (old: Flow, request: FlowRequest) => {
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    const fresh = inherit(newFlow(deps, 'login', old.type, plain), old);
    return withForm(deps, fresh, undefined);
  };
}

async function withForm(deps: FlowDeps, flow: Flow, active: SignedIn | undefined): Promise<Flow> {
  const form = await loginForm(deps, flow, active?.identity);
  const isStepUp =
    active !== undefined && !isAtLeast(reachedAal(active.session.authMethods), flow.requestedAal);
  return {
    ...flow,
    form: {
      ...form,
      messages: [
        ...(flow.refresh ? [messages.confirmItIsYou()] : []),
        ...(isStepUp ? [messages.secondStepNeeded()] : []),
      ],
    },
  };
}

function readWishes(request: FlowRequest): {
  readonly refresh: boolean;
  readonly requestedAal: Flow['requestedAal'];
} {
  const aal = (request.query.get('aal') ?? '').toLowerCase();
  if (aal !== '' && aal !== 'aal1' && aal !== 'aal2') {
    throw badRequest(`The query parameter "aal" is "${aal}", but only aal1 and aal2 can be asked for.`);
  }
  return {
    refresh: isTrue(request.query.get('refresh')),
    requestedAal: aal === 'aal2' ? 'aal2' : 'aal1',
  };
}
