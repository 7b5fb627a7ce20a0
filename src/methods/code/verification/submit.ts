// Verification by code: of e-mail addresses and phone numbers.

import type { Flow } from '../../../flow/flow.ts';
import type { ProofAt, ProofStep, Submitted } from '../../../flow/method/contract.ts';
import { optionalText } from '../../../flow/method/fields.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type Continue, type Effect, type ProofOutcome, rejected } from '../../../flow/method/outcome.ts';
import { findAddressee } from '../../../flow/proof/address-owner.ts';
import type { FlowRequest } from '../../../flow/request.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { prepareNotice, queueMessage } from '../../../flow/secret/secret-message.ts';
import { csrfNode, type Node, nodeId, setValue } from '../../../form/node.ts';
import type { AddressVia, FullIdentity } from '../../../identity/identity.ts';
import { newUuid } from '../../../lib/ids.ts';
import { tokenDigest } from '../../../lib/secret.ts';
import { withQuery } from '../../../lib/url.ts';
import type { Message } from '../../../protocol/message.ts';
import * as core from '../../../protocol/messages.ts';
import { fold } from '../../../schema/normalise.ts';
import { toE164 } from '../../../schema/phone.ts';
import { Type } from '../../../schema/typebox.ts';
import { findCode, guessAtCodes } from '../check.ts';
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

const body = Type.Object({
  email: optionalText({ maxLength: 320 }),
  /** The name of the button that sends to a phone again. */
  sms: optionalText({ maxLength: 320 }),
  code: optionalText(),
});

export function codeVerification(deps: MethodDeps, config: CodeConfig): ProofStep<typeof body> {
  return {
    body,
    reachesPhones: true,
    query: 'instead',
    isSelfProving: (sent) => Boolean(sent['code']),
    guess: async ({ flow, body: sent }) =>
      sent.code ? guessAtCodes(deps, config, { flow, purpose: 'verification' }) : undefined,
    nodes: (flow) => [
      deps.features.hasSms ? emailOrPhoneField : emailField,
      submitButton,
      ...(flow.type === 'browser' ? [csrfNode] : []),
    ],
    submit: (at) => submit(deps, config, at),
    begin: async ({ flow, request, identity, address, isPretence }) => {
      const to = { address: address.value, request };
      if (!(await deps.budget.countSending(to))) return undefined;
      return sentForm(
        { flow, ...address },
        await sendCode(deps, config, { flow, request, identity, ...address, isNoticed: false, isPretence }),
      );
    },
  };
}

const NO_PHONES = 'Codes are not sent to phones here. Enter the e-mail address of your account.';

type Asked = ProofAt & Submitted<typeof body>;

const addressIn = ({ email, sms }: Asked['body']): string => email ?? sms ?? '';

async function submit(deps: MethodDeps, config: CodeConfig, attempt: Asked): Promise<ProofOutcome> {
  const { flow, body: sent, request } = attempt;
  const typed = addressIn(sent);
  // A code goes first: there are clients that always send the address along.
  if (sent.code) {
    return request.verb !== 'POST' ? prefill(deps, attempt) : prove(deps, attempt);
  }
  if (typed === '' && flow.state === 'sent_email') return rejected(core.required('code'), 'code');
  if (typed === '') return { ...rejected(core.required('email'), 'email'), echo: { email: '' } };
  const via: AddressVia = typed.includes('@') || !deps.features.hasSms ? 'email' : 'sms';
  // A number is no address of a mailbox: nobody is told that a mail went there.
  if (via === 'email' && toE164(typed) !== undefined) {
    return { ...rejected(core.generic(NO_PHONES), 'email'), echo: { email: typed } };
  }
  const value = (via === 'sms' ? toE164(typed) : undefined) ?? fold(typed);
  if (!(await deps.budget.countSending({ address: value, request }))) {
    return rejected(core.generic(TOO_MANY_MESSAGES));
  }
  const identity = await findAddressee(deps, flow, { via, value });
  const isNoticed = via === 'email' && deps.notifiesUnknown.verification;
  return sentForm(
    { flow, via, value },
    await sendCode(deps, config, { flow, request, identity, via, value, isNoticed, isPretence: false }),
  );
}

/** The form after a code was sent, whether or not anybody has the address. */
function sentForm(
  of: { readonly flow: Flow; readonly via: AddressVia; readonly value: string },
  effect: Effect,
): Continue {
  const { flow, via, value } = of;
  const nodes: readonly Node[] = [
    hiddenMethod,
    codeField(core.verificationCodeLabel(), false),
    submitButton,
    ...(flow.type === 'browser' || flow.csrfDigest !== undefined ? [csrfNode] : []),
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
    /** Whoever has the address is told of it, although no account does. */
    readonly isNoticed: boolean;
    readonly isPretence: boolean;
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
  const notice =
    !identity && of.isNoticed
      ? await prepareNotice(deps, { flow, request, address, templateName: 'verification_code_invalid' })
      : undefined;
  const isSent = identity !== undefined && !of.isPretence;
  const queued = isSent ? message : notice;
  // No code fits it, but guesses at it are guesses at the person, as everywhere else.
  const stored = of.isPretence ? { ...secret, digest: tokenDigest(newUuid()) } : secret;
  return async (stores) => {
    await stores.secrets.replace(flow.id, 'verification', [stored]);
    if (isSent) {
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
async function prefill(deps: MethodDeps, attempt: Asked): Promise<ProofOutcome> {
  const { flow } = attempt;
  const { code = '' } = attempt.body;
  const isRight = (await findCode(deps, { flow, purpose: 'verification', code })) !== undefined;
  // Whoever knows the id of a native app's flow may see it anyway; the page needs a token to go on from.
  if (!isRight && flow.type === 'browser') return wrong;
  const hasCsrf = flow.form.nodes.some((node) => nodeId(node) === 'csrf_token');
  const shown = isRight ? setValue(flow.form.nodes, 'code', code) : flow.form.nodes;
  return {
    kind: 'continue',
    patch: {
      nodes: hasCsrf ? shown : [...shown, csrfNode],
      messages: isRight ? flow.form.messages : [messages.wrongVerificationCode()],
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

async function prove(deps: MethodDeps, { flow, body: { code = '' } }: Asked): Promise<ProofOutcome> {
  const secret = await findCode(deps, { flow, purpose: 'verification', code });
  const identityId = secret?.identityId;
  const identity = identityId && (await deps.database.stores.identities.findFull(identityId));
  if (!secret || !identity) {
    return wrong;
  }
  return {
    kind: 'proven',
    identity,
    address: { via: secret.via, value: secret.address },
    proof: { method: NAME, aal: 'aal1' },
    effect: (stores) => stores.secrets.consume(secret.id),
    ifStale: wrong,
  };
}
