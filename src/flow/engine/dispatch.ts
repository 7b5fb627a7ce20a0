// Finds the method that a submission belongs to, and checks whether it may be submitted at all.

import { decodeBody, flatten, probeBody, type RawBody } from '../../form/body.ts';
import { verifyCsrf } from '../../form/csrf-token.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { equalSecrets, tokenDigest } from '../../lib/secret.ts';
import type { Message } from '../../protocol/message.ts';
import * as messages from '../../protocol/messages.ts';
import { csrfViolation, methodDisabled } from '../../protocol/refusals.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import type { Flow } from '../flow.ts';
import type { BoundMethod } from '../method/bound-method.ts';
import { type Rejected, rejected } from '../method/outcome.ts';
import type { FlowRequest } from '../request.ts';
import { bodyFor, ownPart, type StepBody, schemaOfBody } from './step-body.ts';

export interface Dispatched<Step> {
  readonly kind: 'dispatched';
  readonly method: BoundMethod;
  readonly step: Step;
  /** What the step's schema names. */
  readonly body: JsonObject;
  /** The flow, with what the client gave for hooks. */
  readonly flow: Flow;
}

/** What the dispatch needs to know of a step. */
interface SubmissionRules extends StepBody {
  isSelfProving?(body: JsonObject, flow: Flow): boolean;
}

interface Submission<Step> {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly methods: readonly BoundMethod[];
  readonly isEnabled: (method: BoundMethod) => boolean;
  readonly stepOf: (method: BoundMethod) => (Step & SubmissionRules) | undefined;
  /** Gives the traits of a body their types. */
  readonly schema: IdentitySchema;
  /** Names of methods that the protocol has and this server has not. */
  readonly absentMethods: readonly string[];
  /** Shown when no method claims the submission. */
  readonly nobody: Message;
}

/**
 * Finds the method that a submission names, or that claims it, and decodes its body. Throws where the method is switched
 * off (404) or the anti-CSRF token does not fit (403); what the person can mend comes back as `rejected`.
 */
export function dispatch<Step>(of: Submission<Step>): Dispatched<Step> | Rejected {
  const { flow, request } = of;
  const sent = probeBody(request.body);
  if (sent.kind === 'unreadable') return rejected(messages.generic(sent.reason));
  for (const method of of.methods) {
    const step = of.stepOf(method);
    if (!step) continue;
    const raw = bodyFor(step, request);
    const probe = raw === request.body ? sent : probeBody(raw);
    if (probe.kind === 'unreadable') return rejected(messages.generic(probe.reason));
    const isNamed = probe.body['method'] === method.name;
    if (!isNamed && !(of.isEnabled(method) && method.claims(probe.body, flow))) continue;
    if (!of.isEnabled(method)) throw methodDisabled();
    return take(of, { method, step, raw, token: probe.body['csrf_token'] });
  }
  const named = sent.body['method'];
  if (typeof named === 'string' && of.absentMethods.includes(named)) throw methodDisabled();
  return rejected(of.nobody);
}

function take<Step>(
  of: Submission<Step>,
  {
    method,
    step,
    raw,
    token,
  }: {
    readonly method: BoundMethod;
    readonly step: Step & SubmissionRules;
    readonly raw: RawBody;
    readonly token: unknown;
  },
): Dispatched<Step> | Rejected {
  const { request } = of;
  const decoded = decodeBody(raw, schemaOfBody(step.body), { traits: { json: of.schema.json } });
  const isSelfProving = step.isSelfProving?.(decoded.value, of.flow) ?? false;
  const mixed = isSelfProving || isOpenedHere(of.flow, request) ? undefined : mixedClients(of.flow, request);
  if (mixed) return { ...rejected(messages.generic(mixed)), echo: flatten(decoded.value) };
  if (request.verb !== 'POST' && !step.query) return rejected(messages.generic(ONLY_POST));
  if (!isSelfProving) checkCsrf(of.flow, request, token);
  if (decoded.kind === 'problems')
    return { kind: 'rejected', problems: decoded.problems, echo: decoded.echo };
  const given = decoded.value['transient_payload'];
  return {
    kind: 'dispatched',
    method,
    step,
    body: ownPart(step.body, decoded.value),
    flow: isJsonObject(given) ? { ...of.flow, transientPayload: given } : of.flow,
  };
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

/**
 * A token of one's own is no key to the forms of others. Settings are their person's, who may have signed in again since:
 * their session is asked for.
 */
function isFromItsBrowser({ kind, csrfDigest = '' }: Flow, request: FlowRequest): boolean {
  if (!request.csrfFromCookie) return false;
  return kind === 'settings' || equalSecrets(tokenDigest(request.csrfToken), csrfDigest);
}

/** A native app's flow whose link was opened in this browser: here it goes on like a browser's own, with its token. */
function isOpenedHere(flow: Flow, request: FlowRequest): boolean {
  return flow.type === 'api' && flow.csrfDigest !== undefined && isFromItsBrowser(flow, request);
}

function checkCsrf(flow: Flow, request: FlowRequest, submitted: unknown): void {
  // A flow that an administrator made belongs to no browser yet: what they hand over is its proof.
  if (flow.csrfDigest === undefined) return;
  if (flow.type === 'api' && !isOpenedHere(flow, request)) return;
  const token = typeof submitted === 'string' ? submitted : '';
  if (isFromItsBrowser(flow, request) && verifyCsrf(request.csrfToken, token)) return;
  throw csrfViolation(request.csrfHint(token !== ''));
}
