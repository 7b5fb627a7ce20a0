// Recovery by code: an address is written to, and the code that comes back proves it.

import type { Attempt, ProofHandler } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type ProofOutcome, rejected } from '../../../flow/method/outcome.ts';
import { findByRecoveryAddress } from '../../../flow/proof/address-owner.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { recoverySecretByHand } from '../../../flow/secret/secret-by-hand.ts';
import { csrfNode, type Node } from '../../../form/node.ts';
import * as core from '../../../protocol/messages.ts';
import { fold } from '../../../schema/normalise.ts';
import { Type } from '../../../schema/typebox.ts';
import type { CodeConfig } from '../config.ts';
import * as messages from '../messages.ts';
import { codeField, emailField, hiddenMethod, NAME, resendButton, submitButton } from '../nodes.ts';
import { choose, firstForm, isChoice, STATES } from './choice.ts';
import { proveByCode, sendRecoveryCode } from './code.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  email: Type.Optional(Type.String({ format: 'email_loose', maxLength: 320 })),
  code: Type.Optional(Type.String()),
  recovery_address: Type.Optional(Type.String({ maxLength: 320 })),
  recovery_select_address: Type.Optional(Type.String({ maxLength: 320 })),
  recovery_confirm_address: Type.Optional(Type.String({ maxLength: 320 })),
  screen: Type.Optional(Type.String()),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function codeRecovery(deps: MethodDeps, config: CodeConfig): ProofHandler {
  return {
    payload,
    choosesAddress: true,
    nodes: (flow) => (flow.state === STATES.address ? firstForm : [csrfNode, emailField, submitButton]),
    submit: (attempt) => submit(deps, config, attempt),
    issue: ({ flow, identity, lifespanMs = config.config.lifespan }) => {
      const nodes: readonly Node[] = [codeField(core.recoveryCodeLabel(), true), submitButton];
      const patch = { nodes, state: 'sent_email' };
      return recoverySecretByHand(deps, { kind: 'code', flow, identity, lifespanMs, patch });
    },
  };
}

function submit(deps: MethodDeps, config: CodeConfig, attempt: Attempt): Promise<ProofOutcome> {
  const { flow, payload: body } = attempt;
  if (isChoice(flow)) return choose(deps, config, attempt);
  const isAnswer = flow.state !== 'choose_method' && !body['email'];
  return isAnswer ? proveByCode(deps, config, attempt) : ask(deps, config, attempt);
}

async function ask(deps: MethodDeps, config: CodeConfig, attempt: Attempt): Promise<ProofOutcome> {
  const { flow, request } = attempt;
  // Whoever holds a flow that an administrator made has a code already, and no token that would guard another one.
  if (flow.type === 'browser' && flow.csrfDigest === undefined)
    return rejected(core.required('code'), 'code');
  const email = fold(String(attempt.payload['email'] ?? ''));
  if (email === '') return rejected(core.required('email'), 'email');
  if (!(await deps.budget.countSending({ address: email, clientIp: request.clientIp }))) {
    return rejected(core.generic(TOO_MANY_MESSAGES));
  }
  const identity = await findByRecoveryAddress(deps, { via: 'email', value: email });
  const nodes: readonly Node[] = [
    csrfNode,
    codeField(core.recoveryCodeLabel(), true),
    hiddenMethod,
    submitButton,
    resendButton(email),
  ];
  return {
    kind: 'continue',
    patch: { nodes, messages: [messages.recoveryCodeSent()], state: 'sent_email', active: NAME },
    jsonStatus: 200,
    effect: await sendRecoveryCode(deps, config, { flow, request, identity, address: email, via: 'email' }),
  };
}
