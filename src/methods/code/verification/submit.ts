// Verification by code: of e-mail addresses and phone numbers.

import type { Flow } from '../../../flow/flow.ts';
import type { Attempt, ProofHandler } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type Continue, type Effect, type ProofOutcome, rejected } from '../../../flow/method/outcome.ts';
import { findAddressee } from '../../../flow/proof/address-owner.ts';
import type { FlowRequest } from '../../../flow/request.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { prepareNotice, queueMessage } from '../../../flow/secret/secret-message.ts';
import { csrfNode, type Node, nodeId, setValue } from '../../../form/node.ts';
import type { AddressVia, FullIdentity } from '../../../identity/identity.ts';
import { withQuery } from '../../../lib/url.ts';
import type { Message } from '../../../protocol/message.ts';
import * as core from '../../../protocol/messages.ts';
import { fold } from '../../../schema/normalise.ts';
import { toE164 } from '../../../schema/phone.ts';
import { Type } from '../../../schema/typebox.ts';
import { checkCode, TOO_OFTEN } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import * as messages from '../messages.ts';
import {
  codeField,
  emailField,
  emailOrPhoneField,
  hiddenMethod,
  NAME,
  resendButton,
  submitButton,
} from '../nodes.ts';
import { prepareCode } from '../send.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  email: Type.Optional(Type.String({ maxLength: 320 })),
  /** The name of the button that sends to a phone again. */
  sms: Type.Optional(Type.String({ maxLength: 320 })),
  code: Type.Optional(Type.String()),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function codeVerification(deps: MethodDeps, config: CodeConfig): ProofHandler {
  return {
    payload,
    takesQuery: true,
    isSelfProving: (body) => Boolean(body['code']) && !addressIn(body),
    nodes: (flow) => [
      deps.features.hasSms ? emailOrPhoneField : emailField,
      submitButton,
      ...(flow.type === 'browser' ? [csrfNode] : []),
    ],
    submit: (attempt) => submit(deps, config, attempt),
    begin: async ({ flow, request, identity, address }) => {
      const to = { address: address.value, clientIp: request.clientIp };
      if (!(await deps.budget.countSending(to))) return undefined;
      return sent(
        { flow, ...address },
        await sendCode(deps, config, { flow, request, identity, ...address }),
      );
    },
  };
}

const addressIn = (body: Attempt['payload']): string => String(body['email'] ?? body['sms'] ?? '');

async function submit(deps: MethodDeps, config: CodeConfig, attempt: Attempt): Promise<ProofOutcome> {
  const { flow, payload: body, request } = attempt;
  const typed = addressIn(body);
  if (body['code'] && typed === '') {
    return request.method !== 'POST' ? prefill(deps, config, attempt) : prove(deps, config, attempt);
  }
  if (typed === '' && flow.state === 'sent_email') return rejected(core.required('code'), 'code');
  if (typed === '') return { ...rejected(core.required('email'), 'email'), echo: { email: '' } };
  const via: AddressVia = typed.includes('@') || !deps.features.hasSms ? 'email' : 'sms';
  const value = (via === 'sms' ? toE164(typed) : undefined) ?? fold(typed);
  if (!(await deps.budget.countSending({ address: value, clientIp: request.clientIp }))) {
    return rejected(core.generic(TOO_MANY_MESSAGES));
  }
  const identity = await findAddressee(deps, flow, { via, value });
  return sent({ flow, via, value }, await sendCode(deps, config, { flow, request, identity, via, value }));
}

/** The form after a code was sent, whether or not anybody has the address. */
function sent(
  of: { readonly flow: Flow; readonly via: AddressVia; readonly value: string },
  effect: Effect,
): Continue {
  const { flow, via, value } = of;
  const nodes: readonly Node[] = [
    hiddenMethod,
    codeField(core.verificationCodeLabel(), false),
    submitButton,
    ...(flow.type === 'browser' ? [csrfNode] : []),
    resendButton(value),
  ];
  const message: Message =
    via === 'sms' ? messages.verificationCodeTexted() : messages.verificationCodeMailed();
  return {
    kind: 'continue',
    patch: { nodes, messages: [message], state: 'sent_email', active: NAME },
    jsonStatus: 200,
    effect,
  };
}

/** Known and unknown addresses cost the same: a code is made for both, and sent only to the known one. */
async function sendCode(
  deps: MethodDeps,
  config: CodeConfig,
  of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly identity: FullIdentity | undefined;
    readonly via: AddressVia;
    readonly value: string;
  },
): Promise<Effect> {
  const { flow, request, identity, via, value: address } = of;
  const link = `${deps.publicUrl}self-service/verification`;
  const { secret, message } = await prepareCode(deps, {
    flow,
    request,
    identity,
    address,
    via,
    purpose: 'verification',
    templateName: 'verification_code_valid',
    lifespanMs: config.config.lifespan,
    data: (code) => ({
      verification_code: code,
      ...(via === 'sms' ? {} : { verification_url: withQuery(link, { code, flow: flow.id }) }),
    }),
  });
  const isNoticed = !identity && via === 'email' && deps.notifiesUnknown.verification;
  const notice = isNoticed
    ? await prepareNotice(deps, { flow, request, address, templateName: 'verification_code_invalid' })
    : undefined;
  const queued = identity ? message : notice;
  return async (stores) => {
    await stores.secrets.replace(flow.id, 'verification', [secret]);
    if (identity) {
      await stores.identities.markAddressSent(identity.id, {
        via,
        value: address,
        nowMs: deps.clock.nowMs(),
      });
    }
    await queueMessage(stores, queued ?? message, queued !== undefined);
    return true;
  };
}

/**
 * The link of a mail was opened: the code is filled in, and its person confirms it, so that a scanner of links verifies
 * nothing. Only the right code opens the flow to another browser than the one that asked.
 */
async function prefill(deps: MethodDeps, config: CodeConfig, attempt: Attempt): Promise<ProofOutcome> {
  const { flow } = attempt;
  const code = String(attempt.payload['code']);
  const check = await checkCode(deps, config, { flow, purpose: 'verification', code });
  if (check.kind === 'exhausted') return { kind: 'restart', message: core.generic(TOO_OFTEN) };
  if (check.kind !== 'match') {
    return wrong;
  }
  const hasCsrf = flow.form.nodes.some((node) => nodeId(node) === 'csrf_token');
  const filled = setValue(flow.form.nodes, 'code', code);
  return {
    kind: 'continue',
    patch: {
      nodes: hasCsrf ? filled : [...filled, csrfNode],
      messages: flow.form.messages,
    },
    jsonStatus: 200,
    opensTo: 'this-browser',
  };
}

const wrong: Continue = {
  kind: 'continue',
  patch: { messages: [messages.wrongVerificationCode()] },
  jsonStatus: 200,
};

async function prove(
  deps: MethodDeps,
  config: CodeConfig,
  { flow, payload: body }: Attempt,
): Promise<ProofOutcome> {
  const check = await checkCode(deps, config, { flow, purpose: 'verification', code: String(body['code']) });
  if (check.kind === 'exhausted') return { kind: 'restart', message: core.generic(TOO_OFTEN) };
  const identityId = check.kind === 'match' ? check.secret.identityId : undefined;
  const identity = identityId && (await deps.database.stores.identities.findFull(identityId));
  if (check.kind !== 'match' || !identity) {
    return wrong;
  }
  const { secret } = check;
  return {
    kind: 'proven',
    identity,
    address: { via: secret.via, value: secret.address },
    proof: { method: NAME, aal: 'aal1' },
    effect: (stores) => stores.secrets.consume(secret.id),
    ifStale: wrong,
  };
}
