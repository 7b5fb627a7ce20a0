// What methods answer outside of forms: routes of their own, such as a script, and ways back from other places.

import { followCallback } from '../../../flow/engine/callback.ts';
import type { BoundMethod } from '../../../flow/method/bound-method.ts';
import type { MethodCallback, MethodRoute, RouteOutcome } from '../../../flow/method/contract.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import { emptyAnswer, type HttpAnswer, jsonAnswer, redirectAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import { toFlowRequest } from '../../port/flow-request.ts';
import type { RefusalPoint } from '../../port/respond.ts';
import type { Route } from '../../port/route.ts';
import type { FlowRouteDeps } from './flows.ts';

type MethodRouteDeps = Omit<FlowRouteDeps, 'evenTime'>;

/** Mounted while the method is on. */
export function methodRoutes(deps: MethodRouteDeps, port: 'public' | 'admin'): readonly Route[] {
  return deps.flow.methods
    .filter(({ isEnabled }) => isEnabled)
    .flatMap((method) => [
      ...(method.handlers.routes ?? [])
        .filter((route) => route.port === port)
        .map((route) => ownRoute(deps, route)),
      ...(port === 'public' && method.handlers.callback
        ? callbackRoutes(deps, method, method.handlers.callback)
        : []),
    ]);
}

function ownRoute(deps: MethodRouteDeps, route: MethodRoute): Route {
  return {
    method: route.verb,
    path: route.path,
    ...(route.bucket ? { bucket: route.bucket } : {}),
    ...(route.isCsrfExempt ? { isCsrfExempt: true } : {}),
    handle: (context) =>
      answering(
        deps,
        context,
        async () => {
          const request = await toFlowRequest(context, deps.cookies);
          return routeAnswer(await route.handle(request, context.params), context);
        },
        route.port === 'admin' ? 'json' : 'submit',
      ),
  };
}

function routeAnswer(outcome: RouteOutcome, context: HttpContext): HttpAnswer {
  switch (outcome.kind) {
    case 'asset': {
      const headers = {
        'Content-Type': outcome.contentType,
        'X-Content-Type-Options': 'nosniff',
        ...outcome.headers,
      };
      return { status: 200, headers, body: outcome.body };
    }
    case 'json':
      return jsonAnswer(outcome.status, outcome.body);
    case 'redirect':
      return redirectAnswer(outcome.status, outcome.to, context.method);
    case 'empty':
      return emptyAnswer;
    default:
      return outcome satisfies never;
  }
}

function callbackRoutes(
  deps: MethodRouteDeps,
  { name }: BoundMethod,
  callback: MethodCallback,
): readonly Route[] {
  return callback.paths.flatMap((path): readonly Route[] => [
    {
      method: 'GET',
      path,
      bucket: 'low',
      isCsrfExempt: true,
      handle: (context) =>
        answering(deps, context, async () => {
          const request = await toFlowRequest(context, deps.cookies);
          const returned = { query: request.query, params: context.params };
          const result = await followCallback(deps.flow, { request, method: name, callback, returned });
          return deps.responder.result(context, result);
        }),
    },
    // A form that another site sends brings no cookies of ours, the request by GET that follows does.
    { method: 'POST', path, bucket: 'low', isCsrfExempt: true, handle: toGet },
  ]);
}

/** The same address by GET, with the fields of the form in it. Kratos answers 302 as well. */
async function toGet(context: HttpContext): Promise<HttpAnswer> {
  const query = new URLSearchParams(context.query);
  for (const [name, value] of await context.formFields()) query.set(name, value);
  query.sort();
  const address = new URL(context.url);
  address.search = query.toString();
  return redirectAnswer(302, address.href, 'POST');
}

async function answering(
  deps: MethodRouteDeps,
  context: HttpContext,
  work: () => Promise<HttpAnswer>,
  at: RefusalPoint = 'submit',
): Promise<HttpAnswer> {
  try {
    return await work();
  } catch (error) {
    // Our own mistakes go on to where they are logged.
    if (!(error instanceof ApiError)) throw error;
    return deps.responder.refusal(context, error, at);
  }
}
