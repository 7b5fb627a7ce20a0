// A one-time secret and the message that carries it, ready to be stored in one transaction.
import type { CourierMessage, TemplateName } from '../../courier/message.ts';
import type { AddressVia, FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Flow } from '../flow.ts';
import type { MethodDeps } from '../method/method-deps.ts';
import type { FlowRequest } from '../request.ts';
import type { Stores } from '../store.ts';
import { issueSecret, type OneTimeSecret, type SecretKind, type SecretPurpose } from './one-time-secret.ts';

export interface SecretMessage {
  readonly secret: OneTimeSecret;
  readonly message: CourierMessage;
}

export interface SecretMessageDraft {
  readonly flow: Flow;
  readonly request: FlowRequest;
  readonly kind: SecretKind;
  readonly purpose: SecretPurpose;
  readonly templateName: TemplateName;
  readonly identity: FullIdentity | undefined;
  readonly address: string;
  readonly via: AddressVia;
  readonly lifespanMs: number;
  /** Members of the template's data that carry the secret, by its clear value. */
  readonly data: (value: string) => JsonObject;
}

/** Makes a secret for one address and renders its message. Nothing is stored yet. */
export async function prepareSecret(deps: MethodDeps, draft: SecretMessageDraft): Promise<SecretMessage> {
  const { flow, identity } = draft;
  const { value, secret } = issueSecret(
    {
      kind: draft.kind,
      purpose: draft.purpose,
      flowId: flow.id,
      ...(identity ? { identityId: identity.id } : {}),
      address: draft.address,
      via: draft.via,
      nowMs: deps.clock.nowMs(),
      lifespanMs: draft.lifespanMs,
    },
    deps.secretKeys,
  );
  const isSms = draft.via === 'sms';
  const message = await deps.compose({
    templateName: draft.templateName,
    type: isSms ? 'sms' : 'email',
    recipient: draft.address,
    data: {
      to: draft.address,
      ...(identity ? { identity: identityToJson(identity, deps) } : {}),
      request_url: flow.requestUrl,
      // Phones fill a code in by themselves where the message names the site (WebOTP).
      ...(isSms ? { request_url_domain: new URL(flow.requestUrl).hostname } : {}),
      transient_payload: flow.transientPayload ?? {},
      expires_in_minutes: Math.ceil(draft.lifespanMs / 60_000),
      ...draft.data(value),
    },
    requestHeaders: draft.request.forwardedHeaders,
  });
  return { secret, message };
}

/**
 * Queues a message for whoever has its address. For nobody's address the same is written and goes nowhere: what a
 * database does for one row more can be measured from outside.
 */
export function queueMessage(
  { messages }: Pick<Stores, 'messages'>,
  message: CourierMessage,
  isForSomebody: boolean,
): Promise<void> {
  return isForSomebody ? messages.insert(message) : messages.insertDecoy(message);
}

/** What goes to an address that nobody has, where the operator wants that. */
export function prepareNotice(
  deps: MethodDeps,
  of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly address: string;
    readonly templateName: TemplateName;
  },
): Promise<CourierMessage> {
  const { flow, address } = of;
  return deps.compose({
    templateName: of.templateName,
    type: 'email',
    recipient: address,
    data: { to: address, request_url: flow.requestUrl, transient_payload: flow.transientPayload ?? {} },
    requestHeaders: of.request.forwardedHeaders,
  });
}
