// Recovery by code: an address is written to, and the code that comes back proves it.

import * as core from '../../base/messages.ts';
import { csrfNode, type Node } from '../../base/node.ts';
import { fold } from '../../base/normalise.ts';
import { Type } from '../../base/typebox.ts';
import { findByRecoveryAddress } from '../../flow/address-owner.ts';
import type { Flow } from '../../flow/flow.ts';
import type { Attempt, MethodDeps, ProofHandler } from '../../flow/method.ts';
import type { OneTimeSecret } from '../../flow/one-time-secret.ts';
import { type Effect, type ProofOutcome, rejected } from '../../flow/outcome.ts';
import { prepareNotice } from '../../flow/secret-message.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { checkCode, TOO_MANY_MESSAGES, TOO_OFTEN, USED_ALREADY } from './check.ts';
import type { CodeConfig } from './config.ts';
import * as messages from './messages.ts';
import { codeField, emailField, hiddenMethod, NAME, resendButton, submitButton } from './nodes.ts';
import { prepareCode } from './send.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  email: Type.Optional(Type.String({ format: 'email_loose', maxLength: 320 })),
  code: Type.Optional(Type.String()),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function codeRecovery(deps: MethodDeps, config: CodeConfig): ProofHandler {
  return {
    payload,
    nodes: () => [csrfNode, emailField, submitButton],
    submit: (attempt) => submit(deps, config, attempt),
  };
}

function submit(deps: MethodDeps, config: CodeConfig, attempt: Attempt): Promise<ProofOutcome> {
  const { flow, payload: body } = attempt;
  const isAnswer = flow.state !== 'choose_method' && !body['email'];
  return isAnswer ? proveByCode(deps, config, attempt) : ask(deps, config, attempt);
}

async function ask(deps: MethodDeps, config: CodeConfig, attempt: Attempt): Promise<ProofOutcome> {
  const { flow, request } = attempt;
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

/**
 * The writes of sending a code. For an address that nobody has, a code is made and kept as well, and belongs to nobody: known
 * and unknown addresses cost the same and guess alike.
 */
export async function sendRecoveryCode(
  deps: MethodDeps,
  config: CodeConfig,
  of: {
    readonly flow: Flow;
    readonly request: Attempt['request'];
    readonly identity: FullIdentity | undefined;
    readonly address: string;
    readonly via: 'email' | 'sms';
  },
): Promise<Effect> {
  const { flow, identity } = of;
  const { secret, message } = await prepareCode(deps, {
    ...of,
    purpose: 'recovery',
    templateName: 'recovery_code_valid',
    lifespanMs: config.config.lifespan,
    data: (code) => ({ recovery_code: code }),
  });
  const isNoticed = !identity && of.via === 'email' && deps.notifiesUnknown.recovery;
  const notice = isNoticed
    ? await prepareNotice(deps, { ...of, templateName: 'recovery_code_invalid' })
    : undefined;
  const queued = identity ? message : notice;
  return async (stores) => {
    await stores.secrets.replace(flow.id, 'recovery', [secret]);
    if (queued) await stores.messages.insert(queued);
    return true;
  };
}

/** The answer to a code: wrong ones leave the flow as it is, with status 200 (contract/http.md 2.9). */
export async function proveByCode(
  deps: MethodDeps,
  config: CodeConfig,
  { flow, payload: body }: Attempt,
): Promise<ProofOutcome> {
  if (flow.state === 'passed_challenge') return { kind: 'restart', message: core.generic(USED_ALREADY) };
  const code = String(body['code'] ?? '');
  if (code === '') return rejected(core.required('code'), 'code');
  const check = await checkCode(deps, config, { flow, purpose: 'recovery', code });
  if (check.kind === 'exhausted') return { kind: 'restart', message: core.generic(TOO_OFTEN) };
  const identity = check.kind === 'match' ? await ownerOf(deps, check.secret) : undefined;
  if (check.kind !== 'match' || !identity) {
    return { kind: 'continue', patch: { messages: [messages.wrongRecoveryCode()] }, jsonStatus: 200 };
  }
  const { secret } = check;
  return {
    kind: 'proven',
    identity,
    // A code that an administrator made proves no address.
    address: secret.address === '' ? undefined : { via: secret.via, value: secret.address },
    proof: { method: 'code_recovery', aal: 'aal1' },
    effect: (stores) => stores.secrets.consume(secret.id),
  };
}

async function ownerOf(deps: MethodDeps, secret: OneTimeSecret): Promise<FullIdentity | undefined> {
  return secret.identityId && deps.database.stores.identities.findFull(secret.identityId);
}
