// Starts a login: a fresh one, one that confirms who is signed in (refresh), or one that adds a second factor.

import { isTrue } from '../../lib/bool.ts';
import * as messages from '../../protocol/messages.ts';
import { badRequest, firstFactorRequired, sessionAlreadyAvailable } from '../../protocol/refusals.ts';
import { isAtLeast, reachedAal } from '../../session/aal.ts';
import type { FlowDeps } from '../deps.ts';
import { inherit, type Restart } from '../engine/expiry.ts';
import { newFlow, returnUrl } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import { runInitHooks } from '../hook/run.ts';
import type { Person } from '../method/at.ts';
import type { LoginStage } from '../method/step.ts';
import {
  answerWithSession,
  isSkipped,
  readLoginChallenge,
  withOverride,
  withRefresh,
} from '../oauth2/login-challenge.ts';
import type { FlowRequest } from '../request.ts';
import type { FlowResult } from '../result.ts';
import { beginExchange, keepExchange } from '../session/exchange.ts';
import { signedIn } from '../session/signed-in.ts';
import { beginLogin } from './begin.ts';
import { type LoginHere, startingStage, withLoginForm } from './nodes.ts';

/** Answers GET /self-service/login/{browser,api}. */
export async function createLogin(deps: FlowDeps, type: FlowType, request: FlowRequest): Promise<FlowResult> {
  const challenge = type === 'browser' ? await readLoginChallenge(deps, request) : undefined;
  const asked = challenge && !isSkipped(challenge) ? withRefresh(request) : request;
  const exchange = beginExchange('login', type, request);
  const flow: Flow = {
    ...newFlow(deps, 'login', type, withOverride(deps, asked, challenge)),
    ...(challenge ? { loginChallenge: challenge } : {}),
    ...(exchange ? { exchange: exchange.initDigest } : {}),
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
      'You are already signed in. Use refresh=true to confirm your identity.',
      type === 'browser'
        ? {
            url: returnUrl(deps, request.query.get('return_to'), deps.settings.defaultReturnUrl),
            status: 303,
          }
        : undefined,
    );
  }
  const refresh = wishes.refresh && active !== undefined;
  const wished = { ...flow, requestedAal: wishes.requestedAal, refresh };
  const stage = startingStage(deps, wished, { identity: active?.identity });
  const made = await withForm(deps, { flow: wished, request, person: active }, stage);
  await runInitHooks(deps, { flow: made, request, atMs: flow.issuedAtMs });
  const begun =
    stage.kind === 'second-factor'
      ? await beginLogin(deps, { flow: made, request, person: active }, stage)
      : undefined;
  await keepExchange(deps, exchange);
  const shown = exchange ? { exchangeCode: exchange.code } : {};
  if (!begun) {
    await deps.database.stores.flows.insert(made);
    return { kind: 'started', flow: made, ...shown };
  }
  await deps.database.transaction(async (stores) => {
    await stores.flows.insert(begun.flow);
    await begun.effect?.(stores);
  });
  return { kind: 'started', flow: begun.flow, ...shown };
}

/** Makes the login that takes the place of one that is over, or of a registration whose person has an account. */
export function restartLogin(deps: FlowDeps, of: { readonly isUnified?: boolean } = {}): Restart {
  return async (old: Flow, request: FlowRequest) => {
    const plain: FlowRequest = { ...request, query: new URLSearchParams() };
    const flow = inherit(newFlow(deps, 'login', old.type, plain), old);
    const stage = startingStage(deps, flow, { identity: undefined, ...of });
    return withForm(deps, { flow, request, person: undefined }, stage);
  };
}

/** A step-up for somebody who has just proven a first factor, with what methods kept in the flow in which they did. */
export async function stepUpAfter(
  deps: FlowDeps,
  old: Flow,
  of: { readonly request: FlowRequest; readonly person: Person },
): Promise<Flow> {
  const { request, person } = of;
  const plain: FlowRequest = { ...request, query: new URLSearchParams() };
  const fresh = inherit(newFlow(deps, 'login', old.type, plain), old);
  const flow: Flow = { ...fresh, requestedAal: 'aal2', ...(old.memory ? { memory: old.memory } : {}) };
  return withForm(deps, { flow, ...of }, startingStage(deps, flow, { identity: person.identity }));
}

async function withForm(deps: FlowDeps, here: LoginHere, stage: LoginStage): Promise<Flow> {
  const { person } = here;
  const flow = await withLoginForm(deps, here, stage);
  const isStepUp =
    person !== undefined && !isAtLeast(reachedAal(person.session.authMethods), flow.requestedAal);
  return {
    ...flow,
    form: {
      ...flow.form,
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
    throw badRequest(`The query parameter "aal" is "${aal}", but must be aal1 or aal2.`);
  }
  return {
    refresh: isTrue(request.query.get('refresh')),
    requestedAal: aal === 'aal2' ? 'aal2' : 'aal1',
  };
}
