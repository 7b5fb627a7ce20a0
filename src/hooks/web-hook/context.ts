// What a body is made from: one context in every phase of every flow (docs/protocol/platform.md 3.3).

import type { Flow } from '../../flow/flow.ts';
import type { HookContext, InitContext } from '../../flow/hook/contract.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { flowToJson } from '../../flow/view.ts';
import type { Identity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Session } from '../../session/session.ts';
import { sessionToJson } from '../../session/view.ts';

interface Facts {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly atMs: number;
  readonly publicUrl: string;
  readonly identity?: Identity;
  readonly session?: { readonly session: Session; readonly identity: Identity };
  /** The person of a settings flow, as the flow shows them. */
  readonly subject?: Identity;
}

/** Before a flow there is nobody, except for whoever changes their settings. */
export function initContext({ flow, request, atMs, person }: InitContext, publicUrl: string): JsonObject {
  return toJson({
    flow,
    request,
    atMs,
    publicUrl,
    ...(person
      ? { session: { session: person.session, identity: person.identity }, subject: person.identity }
      : {}),
  });
}

export function actContext(context: HookContext, publicUrl: string): JsonObject {
  const { request, atMs, identity, method } = context;
  // What the client gave is there even where it gave nothing: bodies need not ask.
  const flow: Flow = { ...context.flow, transientPayload: context.flow.transientPayload ?? {} };
  const facts = { request, atMs, publicUrl, identity };
  switch (context.kind) {
    case 'login':
      return toJson({
        ...facts,
        flow: { ...flow, active: method },
        session: { session: context.session, identity },
      });
    case 'settings':
      return toJson({
        ...facts,
        flow,
        subject: context.previous,
        session: { session: context.session, identity: context.previous },
      });
    default:
      return toJson({ ...facts, flow });
  }
}

function toJson({ flow, request, atMs, publicUrl, identity, session, subject }: Facts): JsonObject {
  return {
    // Without the anti-CSRF token: it belongs to the browser.
    flow: flowToJson(flow, { publicUrl, csrfToken: '', ...(subject ? { subject } : {}) }),
    request_headers: request.forwardedHeaders,
    request_method: request.verb,
    request_url: request.url,
    request_cookies: { ...request.cookies },
    ...(identity ? { identity: identityToJson(identity, { publicUrl }) } : {}),
    ...(session
      ? {
          session: sessionToJson(session.session, {
            nowMs: atMs,
            identity: identityToJson(session.identity, { publicUrl }),
            identityState: session.identity.state,
          }),
        }
      : {}),
  };
}
