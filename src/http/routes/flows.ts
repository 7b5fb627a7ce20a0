// The routes of all flows, from one table: start, fetch, submit; and signing out.
import { ApiError } from '../../base/api-error.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import { fetchFlow } from '../../flow/fetch.ts';
import type { FlowKind, FlowType } from '../../flow/flow.ts';
import { createLogin } from '../../flow/login/create.ts';
import { submitLogin } from '../../flow/login/submit.ts';
import { createLogout, logoutNative, submitLogout } from '../../flow/logout.ts';
import { createRecovery } from '../../flow/recovery/create.ts';
import { submitRecovery } from '../../flow/recovery/submit.ts';
import { createRegistration } from '../../flow/registration/create.ts';
import { submitRegistration } from '../../flow/registration/submit.ts';
import type { FlowRequest } from '../../flow/request.ts';
import type { FlowResult } from '../../flow/result.ts';
import { createSettings } from '../../flow/settings/create.ts';
import { submitSettings } from '../../flow/settings/submit.ts';
import { createVerification } from '../../flow/verification/create.ts';
import { submitVerification } from '../../flow/verification/submit.ts';
import type { HttpAnswer } from '../answer.ts';
import type { HttpContext } from '../context.ts';
import type { Cookies } from '../cookies.ts';
import { toFlowRequest } from '../flow-request.ts';
import type { RefusalPoint, Responder } from '../respond.ts';
import type { Route } from '../route.ts';

export interface FlowRouteDeps {
  readonly flow: FlowDeps;
  readonly cookies: Cookies;
  readonly responder: Responder;
}

interface FlowRow {
  readonly kind: FlowKind;
  readonly create: (deps: FlowDeps, type: FlowType, request: FlowRequest) => Promise<FlowResult>;
  readonly submit: (deps: FlowDeps, request: FlowRequest) => Promise<FlowResult>;
}

const FLOWS: readonly FlowRow[] = [
  { kind: 'login', create: createLogin, submit: submitLogin },
  { kind: 'registration', create: createRegistration, submit: submitRegistration },
  { kind: 'settings', create: createSettings, submit: submitSettings },
  { kind: 'recovery', create: createRecovery, submit: submitRecovery },
  { kind: 'verification', create: createVerification, submit: submitVerification },
];

export function flowRoutes(deps: FlowRouteDeps): readonly Route[] {
  return [...FLOWS.flatMap((row) => routesOf(deps, row)), ...logoutRoutes(deps)];
}

function routesOf(deps: FlowRouteDeps, { kind, create, submit }: FlowRow): readonly Route[] {
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
      answer(deps, context, { at: 'submit', run: (request) => submit(deps.flow, request) }),
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
  of: { readonly at: RefusalPoint; readonly run: (request: FlowRequest) => Promise<FlowResult> },
): Promise<HttpAnswer> {
  try {
    return deps.responder.result(context, await of.run(await toFlowRequest(context, deps.cookies)));
  } catch (error) {
    return refused(deps, context, error, of.at);
  }
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
