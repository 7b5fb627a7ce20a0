// Signing in by a code that was sent, as first or as second factor: an identifier is asked for, then the code.

import type { LoginAttempt, LoginHandler } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type LoginOutcome, type Rejected, rejected } from '../../../flow/method/outcome.ts';
import { csrfNode, input, upsert } from '../../../form/node.ts';
import { reliedOn } from '../../../identity/change/plan.ts';
import * as core from '../../../protocol/messages.ts';
import { Type } from '../../../schema/typebox.ts';
import { checkCode, TOO_OFTEN } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import * as messages from '../messages.ts';
import { NAME } from '../nodes.ts';
import { findRecipient, type Recipient } from '../recipient.ts';
import { beginLoginByCode } from './begin.ts';
import { loginNodes } from './nodes.ts';
import { sendLoginCode } from './send.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  identifier: Type.Optional(Type.String({ maxLength: 1024 })),
  /** The name of the buttons that stand for addresses. */
  address: Type.Optional(Type.String({ maxLength: 1024 })),
  code: Type.Optional(Type.String()),
  resend: Type.Optional(Type.String()),
  flow: Type.Optional(Type.String()),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function codeLogin(deps: MethodDeps, config: CodeConfig): LoginHandler {
  return {
    levels: config.passwordless_enabled ? ['aal1'] : config.mfa_enabled ? ['aal2'] : [],
    payload,
    nodes: (moment, flow) => Promise.resolve(loginNodes(deps, config, { moment, flow })),
    submit: (attempt) => submit(deps, config, attempt),
    begin: (of) => beginLoginByCode(deps, config, of),
  };
}

async function submit(deps: MethodDeps, config: CodeConfig, attempt: LoginAttempt): Promise<LoginOutcome> {
  const { flow, payload: body } = attempt;
  const identifier = identifierIn(body);
  const isSending = flow.state === 'choose_method' || body['resend'] === NAME;
  if (isSending) return send(deps, config, { attempt, identifier });
  if (flow.state !== 'sent_email') return rejected(core.noLoginMethod());
  return prove(deps, config, { attempt, identifier });
}

interface Typed {
  readonly attempt: LoginAttempt;
  readonly identifier: string;
}

function identifierIn(body: LoginAttempt['payload']): string {
  const typed = String(body['identifier'] || body['address'] || '');
  return typed.includes('@') ? typed.toLowerCase() : typed;
}

/** True where nobody may learn from the answer whether an account exists. A session shows that its own does. */
const isConcealed = (deps: MethodDeps, { flow, session }: LoginAttempt): boolean =>
  deps.concealsAccounts && flow.requestedAal === 'aal1' && !(flow.refresh && session);

async function send(deps: MethodDeps, config: CodeConfig, typed: Typed): Promise<LoginOutcome> {
  const { attempt } = typed;
  const identifier = typed.identifier || (await lastAddress(deps, attempt));
  const echo = { identifier };
  if (identifier === '') return { ...rejected(core.required('identifier'), 'identifier'), echo };
  const recipient = await findRecipient(deps, config, { attempt, identifier });
  if (!recipient && !isConcealed(deps, attempt)) {
    return { ...rejected(nobody(config, attempt)), echo };
  }
  return sendLoginCode(deps, config, { attempt, identifier, recipient });
}

/** The second factor knows its person, so a resend needs no address: it goes where the last code went. */
async function lastAddress(deps: MethodDeps, { flow }: LoginAttempt): Promise<string> {
  if (flow.requestedAal !== 'aal2' || flow.state === 'choose_method') return '';
  const [last] = await deps.database.stores.secrets.findOfFlow(flow.id, 'login');
  return last?.address ?? '';
}

function nobody(
  config: CodeConfig,
  { flow, session }: LoginAttempt,
): ReturnType<typeof messages.unknownAddress> {
  const isFallback =
    flow.requestedAal === 'aal2' &&
    config.config.missing_credential_fallback_enabled &&
    !session?.identity.credentials[NAME]?.identifiers.length;
  return isFallback ? messages.unknownAddress() : messages.noAccountWithCode();
}

async function prove(
  deps: MethodDeps,
  config: CodeConfig,
  { attempt, identifier }: Typed,
): Promise<LoginOutcome> {
  const { flow } = attempt;
  const refused = (message: Parameters<typeof rejected>[0], at?: string): Rejected =>
    refusedCode(identifier, message, at);
  const code = String(attempt.payload['code'] ?? '');
  if (code === '') return refused(core.required('code'), 'code');
  const isSecondFactor = flow.requestedAal === 'aal2';
  if (identifier === '' && !isSecondFactor) return refused(core.required('identifier'), 'identifier');
  const check = await checkCode(deps, config, { flow, purpose: 'login', code });
  if (check.kind === 'exhausted') return refused(core.generic(TOO_OFTEN));
  const sentTo = check.kind === 'match' ? check.secret.address : '';
  // The second factor goes by the session and by where the code went, whatever identifier is named.
  const recipient = await findRecipient(deps, config, {
    attempt,
    identifier: isSecondFactor ? sentTo : identifier,
  });
  if (!recipient && !isSecondFactor && !isConcealed(deps, attempt)) {
    return refused(messages.noAccountWithCode());
  }
  if (check.kind !== 'match' || !recipient || !belongsTo(check.secret, recipient)) {
    return refused(messages.wrongLoginCode());
  }
  const { secret } = check;
  return {
    kind: 'authenticated',
    identity: recipient.identity,
    proof: { method: NAME, aal: flow.requestedAal },
    basis: {
      credentials: [reliedOn(recipient.identity, NAME)],
      holds: [{ via: secret.via, value: secret.address, as: 'any' }],
    },
    address: { via: secret.via, value: secret.address },
    effect: async (stores) => {
      if (!(await stores.secrets.consume(secret.id))) return false;
      await stores.secrets.deleteOfFlow(flow.id);
      return true;
    },
  };
}

/** Made for this person, and sent to an address that is still theirs. */
function belongsTo(
  secret: { readonly identityId?: string; readonly address: string },
  { identity, addresses }: Recipient,
): boolean {
  return secret.identityId === identity.id && addresses.some(({ address }) => address === secret.address);
}

/** The form for the code again. It carries the identifier along, since the next submission needs it. */
function refusedCode(identifier: string, message: Parameters<typeof rejected>[0], at?: string): Rejected {
  const known = input('default', { name: 'identifier', type: 'hidden', value: identifier });
  return rejected(message, at, { edits: [upsert(csrfNode), upsert(known)] });
}
