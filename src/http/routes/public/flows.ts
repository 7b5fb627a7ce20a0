// The routes of all flows, from one table: start, fetch, submit; and signing out.

import type { FlowDeps } from '../../../flow/deps.ts';
import { fetchFlow } from '../../../flow/engine/fetch.ts';
import type { FlowKind, FlowType } from '../../../flow/flow.ts';
import type { FlowSettings } from '../../../flow/flow-settings.ts';
import { createLogin } from '../../../flow/login/create.ts';
import { submitLogin } from '../../../flow/login/submit.ts';
import { createRecovery } from '../../../flow/recovery/create.ts';
import { submitRecovery } from '../../../flow/recovery/submit.ts';
import { createRegistration } from '../../../flow/registration/create.ts';
import { submitRegistration } from '../../../flow/registration/submit.ts';
import type { FlowRequest } from '../../../flow/request.ts';
import type { FlowResult } from '../../../flow/result.ts';
import { createLogout, logoutNative, submitLogout } from '../../../flow/session/logout.ts';
import { createSettings } from '../../../flow/settings/create.ts';
import { submitSettings } from '../../../flow/settings/submit.ts';
import { createVerification } from '../../../flow/verification/create.ts';
import { submitVerification } from '../../../flow/verification/submit.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import type { Cookies } from '../../guard/cookies.ts';
import type { EvenTime } from '../../guard/even-time.ts';
import type { HttpAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import { toFlowRequest } from '../../port/flow-request.ts';
import type { RefusalPoint, Responder } from '../../port/respond.ts';
import type { Route } from '../../port/route.ts';

export interface FlowRouteDeps {
  readonly flow: FlowDeps;
  readonly cookies: Cookies;
  readonly responder: Responder;
  readonly evenTime: EvenTime;
}

interface FlowRow {
  readonly kind: FlowKind;
  readonly create: (deps: FlowDeps, type: FlowType, request: FlowRequest) => Promise<FlowResult>;
  readonly submit: (deps: FlowDeps, request: FlowRequest) => Promise<FlowResult>;
  /** Whether what is answered to a submission must not tell who has an account, not even by its time. */
  readonly isDiscreet: (settings: FlowSettings) => boolean;
}

const always = (): boolean => true;

const FLOWS: readonly FlowRow[] = [
  { kind: 'login', create: createLogin, submit: submitLogin, isDiscreet: always },
  {
    kind: 'registration',
    create: createRegistration,
    submit: submitRegistration,
    isDiscreet: (settings) => settings.concealsAccounts,
  },
  { kind: 'settings', create: createSettings, submit: submitSettings, isDiscreet: () => false },
  { kind: 'recovery', create: createRecovery, submit: submitRecovery, isDiscreet: always },
  { kind: 'verification', create: createVerification, submit: submitVerification, isDiscreet: always },
];

export function flowRoutes(deps: FlowRouteDeps): readonly Route[] {
  return [...FLOWS.flatMap((row) => routesOf(deps, row)), ...logoutRoutes(deps)];
}

function routesOf(deps: FlowRouteDeps, { kind, create, submit, isDiscreet }: FlowRow): readonly Route[] {
  const base = `/self-service/${kind}`;
  const start = (type: FlowType): Route => ({
    method: 'GET',
    path: `${base}/${type}`,
    bucket: 'medium',
    handle: (context) =>
      answer(deps, context, {
        at: type === 'api' ? 'json' : 'start',
        run: (request) => create(deps.flow, type, request),
      }),
  });
  const submission = (method: 'GET' | 'POST'): Route => ({
    method,
    path: base,
    bucket: 'low',
    handle: (context) =>
      answer(deps, context, {
        at: 'submit',
        run: (request) => submit(deps.flow, request),
        isDiscreet: isDiscreet(deps.flow.settings),
      }),
  });
  const fetched: Route = {
    method: 'GET',
    path: `${base}/flows`,
    bucket: 'high',
    handle: async (context) => {
      try {
        const { flow, subject } = await fetchFlow(
          deps.flow,
          kind,
          await toFlowRequest(context, deps.cookies),
        );
        return deps.responder.shown(context, flow, subject);
      } catch (error) {
        return refused(deps, context, error, kind === 'settings' ? 'submit' : 'json');
      }
    },
  };
  return [start('browser'), start('api'), fetched, submission('POST'), submission('GET')];
}

function logoutRoutes(deps: FlowRouteDeps): readonly Route[] {
  const base = '/self-service/logout';
  return [
    {
      method: 'GET',
      path: `${base}/browser`,
      bucket: 'medium',
      handle: (context) =>
        answer(deps, context, { at: 'start', run: (request) => createLogout(deps.flow, request) }),
    },
    {
      method: 'GET',
      path: base,
      bucket: 'high',
      handle: (context) =>
        answer(deps, context, { at: 'submit', run: (request) => submitLogout(deps.flow, request) }),
    },
    {
      method: 'DELETE',
      path: `${base}/api`,
      bucket: 'medium',
      handle: (context) =>
        answer(deps, context, { at: 'json', run: (request) => logoutNative(deps.flow, request) }),
    },
  ];
}

async function answer(
  deps: FlowRouteDeps,
  context: HttpContext,
  of: {
    readonly at: RefusalPoint;
    readonly run: (request: FlowRequest) => Promise<FlowResult>;
    readonly isDiscreet?: boolean;
  },
): Promise<HttpAnswer> {
  const untilEven = of.isDiscreet ? deps.evenTime() : undefined;
  try {
    const result = await of.run(await toFlowRequest(context, deps.cookies));
    const made = await deps.responder.result(context, result);
    if (!isSignIn(result)) await untilEven?.();
    return made;
  } catch (error) {
    const made = await refused(deps, context, error, of.at);
    await untilEven?.();
    return made;
  }
}

/** It says by itself that there is an account, to whoever has shown that it is theirs. */
function isSignIn(result: FlowResult): boolean {
  if (result.kind === 'done') return !result.isConcealed;
  return 'cookies' in result && typeof result.cookies?.session === 'object';
}

/** A refusal finds its form by the client; our own mistakes go on to where they are logged. */
function refused(
  deps: FlowRouteDeps,
  context: HttpContext,
  error: unknown,
  at: RefusalPoint,
): Promise<HttpAnswer> {
  if (!(error instanceof ApiError)) throw error;
  return deps.responder.refusal(context, error, at);
}
