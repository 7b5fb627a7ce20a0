// The routes that methods declare, such as a provider's callback or a script of their own; mounted while the method is on.

import { followRoute } from '../../../flow/engine/follow-route.ts';
import type { MethodRoute } from '../../../flow/method/contract.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import { type HttpAnswer, redirectAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import { toFlowRequest } from '../../port/flow-request.ts';
import type { Route } from '../../port/route.ts';
import type { FlowRouteDeps } from './flows.ts';

type MethodRouteDeps = Omit<FlowRouteDeps, 'evenTime'>;

export function methodRoutes(deps: MethodRouteDeps): readonly Route[] {
  return deps.flow.methods
    .filter(({ isEnabled }) => isEnabled)
    .flatMap(({ name, handlers }) =>
      (handlers.routes ?? []).map((route) => ({
        method: route.method,
        path: route.path,
        bucket: route.bucket,
        handle: (context: HttpContext) => answer(deps, context, { route, method: name }),
      })),
    );
}

async function answer(
  deps: MethodRouteDeps,
  context: HttpContext,
  { route, method }: { readonly route: MethodRoute; readonly method: string },
): Promise<HttpAnswer> {
  try {
    const request = await toFlowRequest(context, deps.cookies);
    const outcome = await route.handle(request, context.params);
    switch (outcome.kind) {
      case 'asset': {
        const headers = { 'Content-Type': outcome.contentType, 'X-Content-Type-Options': 'nosniff' };
        return { status: 200, headers, body: outcome.body };
      }
      case 'redirect':
        return redirectAnswer(outcome.status, outcome.to, context.method);
      default:
        return deps.responder.result(context, await followRoute(deps.flow, outcome, { request, method }));
    }
  } catch (error) {
    // Our own mistakes go on to where they are logged.
    if (!(error instanceof ApiError)) throw error;
    return deps.responder.refusal(context, error, 'submit');
  }
}
