// Recovery by code: an address is written to, and the code that comes back proves it.

import type { Flow } from '../../../flow/flow.ts';
import type { ProofStep } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type ProofOutcome, rejected } from '../../../flow/method/outcome.ts';
import { findByRecoveryAddress } from '../../../flow/proof/address-owner.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { recoverySecretByHand } from '../../../flow/secret/secret-by-hand.ts';
import { csrfNode, type Node } from '../../../form/node.ts';
import * as core from '../../../protocol/messages.ts';
import { fold } from '../../../schema/normalise.ts';
import { guessAtCodes } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import * as messages from '../messages.ts';
import { codeField, emailField, hiddenMethod, NAME, resendButton, submitButton } from '../nodes.ts';
import { type RecoveryAsked, recoveryBody } from './body.ts';
import { choose, firstForm, isChoice, STATES } from './choice.ts';
import { proveByCode, sendRecoveryCode } from './code.ts';

export function codeRecovery(deps: MethodDeps, config: CodeConfig): ProofStep<typeof recoveryBody> {
  return {
    body: recoveryBody,
    choosesAddress: true,
    nodes: (flow) => (flow.state === STATES.address ? firstForm : [csrfNode, emailField, submitButton]),
    guess: async ({ flow, body }) =>
      isAnswer(flow, body) && body.code && flow.state !== 'passed_challenge'
        ? guessAtCodes(deps, config, { flow, purpose: 'recovery' })
        : undefined,
    submit: (at) => submit(deps, config, at),
    issue: ({ flow, identity, lifespanMs = config.config.lifespan }) => {
      const nodes: readonly Node[] = [codeField(core.recoveryCodeLabel(), true), submitButton];
      const patch = { nodes, state: 'sent_email' };
      return recoverySecretByHand(deps, { kind: 'code', flow, identity, lifespanMs, patch });
    },
  };
}

/** A code is given, not asked for. */
function isAnswer(flow: Flow, { email, screen }: RecoveryAsked['body']): boolean {
  if (isChoice(flow)) return flow.state === STATES.code && screen !== 'previous';
  return flow.state !== 'choose_method' && !email;
}

function submit(deps: MethodDeps, config: CodeConfig, attempt: RecoveryAsked): Promise<ProofOutcome> {
  const { flow, body } = attempt;
  if (isChoice(flow)) return choose(deps, config, attempt);
  return isAnswer(flow, body) ? proveByCode(deps, attempt) : ask(deps, config, attempt);
}

async function ask(deps: MethodDeps, config: CodeConfig, attempt: RecoveryAsked): Promise<ProofOutcome> {
  const { flow, request } = attempt;
  // Whoever holds a flow that an administrator made has a code already, and no token that would guard another one.
  if (flow.type === 'browser' && flow.csrfDigest === undefined)
    return rejected(core.required('code'), 'code');
  const email = fold(attempt.body.email ?? '');
  if (email === '') return rejected(core.required('email'), 'email');
  if (!(await deps.budget.countSending({ address: email, request }))) {
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
