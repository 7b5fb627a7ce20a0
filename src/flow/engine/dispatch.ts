// Which method does a submission belong to, and may it be submitted at all?
import type { TSchema } from 'typebox';
import { decodeBody, flatten, probeBody } from '../../form/body.ts';
import { verifyCsrf } from '../../form/csrf-token.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import * as messages from '../../protocol/messages.ts';
import { csrfViolation, methodDisabled } from '../../protocol/refusals.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { Flow } from '../flow.ts';
import type { BoundMethod } from '../method/bound-method.ts';
import { type Rejected, rejected } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';

export interface Dispatched<Handler> {
  readonly kind: 'dispatched';
  readonly method: BoundMethod;
  readonly handler: Handler;
  readonly payload: JsonObject;
}

/** What the dispatch needs to know of a handler. */
interface SubmissionRules {
  readonly payload: TSchema;
  readonly takesQuery?: true;
  readonly isSelfProving?: (body: JsonObject, flow: Flow) => boolean;
}

interface Submission<Handler> {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly methods: readonly BoundMethod[];
  readonly isEnabled: (method: BoundMethod) => boolean;
  readonly handlerOf: (method: BoundMethod) => (Handler & SubmissionRules) | undefined;
  /** Gives the traits of a body their types. */
  readonly schema: IdentitySchema;
  /** Names of methods that the protocol has and this server has not. */
  readonly absentMethods: readonly string[];
  /** Shown where no method feels addressed. */
  readonly nobody: Message;
}

/**
 * Finds the method that a submission names, or that claims it, and decodes its body. Throws where the method is switched
 * off (404) or the anti-CSRF token does not fit (403); what the person can mend comes back as `rejected`.
 */
export function dispatch<Handler>(of: Submission<Handler>): Dispatched<Handler> | Rejected {
  const probe = probeBody(of.request.body);
  if (probe.kind === 'unreadable') return rejected(messages.generic(probe.reason));
  const named = typeof probe.body['method'] === 'string' ? probe.body['method'] : '';
  for (const method of of.methods) {
    const handler = of.handlerOf(method);
    if (!handler) continue;
    const isNamed = named === method.name;
    if (!isNamed && !(of.isEnabled(method) && method.claims(probe.body, of.flow))) continue;
    if (!of.isEnabled(method)) throw methodDisabled();
    const decoded = decodeBody(of.request.body, handler.payload, { traits: { json: of.schema.json } });
    const isSelfProving = handler.isSelfProving?.(decoded.value, of.flow) ?? false;
    const mixed = isSelfProving ? undefined : mixedClients(of.flow, of.request);
    if (mixed) return { ...rejected(messages.generic(mixed)), echo: flatten(decoded.value) };
    if (of.request.method !== 'POST' && !handler.takesQuery) return rejected(messages.generic(ONLY_POST));
    if (method.checksCsrf && !isSelfProving) checkCsrf(of.flow, of.request, probe.body['csrf_token']);
    if (decoded.kind === 'problems')
      return { kind: 'rejected', problems: decoded.problems, echo: decoded.echo };
    return { kind: 'dispatched', method, handler, payload: decoded.value };
  }
  if (of.absentMethods.includes(named)) throw methodDisabled();
  return rejected(of.nobody);
}

const ONLY_POST = 'This form must be sent by POST: what it holds does not belong in an address.';

/** A browser must not submit to a flow for native apps: such a flow has no protection against forgery (docs/protocol/http.md 3.5). */
function mixedClients(flow: Flow, request: FlowRequest): string | undefined {
  if (flow.type !== 'api') return undefined;
  if (request.origin) {
    return 'The header "Origin" shows that a page sent this, but the flow is one for native apps. Start a browser flow.';
  }
  const own = request.cookieNames.filter((name) => !/^(?:__cf|_cf|cf_)/.test(name));
  if (own.length > 0) {
    return 'The header "Cookie" shows that a browser sent this, but the flow is one for native apps. Start a browser flow.';
  }
  return undefined;
}

function checkCsrf(flow: Flow, request: FlowRequest, submitted: unknown): void {
  // A flow that an administrator made belongs to no browser yet: what they hand over is its proof.
  if (flow.type !== 'browser' || flow.csrfDigest === undefined) return;
  const token = typeof submitted === 'string' ? submitted : '';
  if (request.csrfFromCookie && verifyCsrf(request.csrfToken, token)) return;
  throw csrfViolation(request.csrfHint(token !== ''));
}
