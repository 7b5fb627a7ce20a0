// Signing in by a code that was sent, as first or as second factor: an identifier is asked for, then the code.

import type { Flow } from '../../../flow/flow.ts';
import type { LoginAt, LoginStep, Submitted } from '../../../flow/method/contract.ts';
import { optionalText } from '../../../flow/method/fields.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type LoginOutcome, type Rejected, rejected } from '../../../flow/method/outcome.ts';
import { csrfNode, input, upsert } from '../../../form/node.ts';
import { reliedOn } from '../../../identity/change/plan.ts';
import * as core from '../../../protocol/messages.ts';
import { Type } from '../../../schema/typebox.ts';
import { findCode, guessAtCodes } from '../check.ts';
import type { CodeConfig } from '../config.ts';
import * as messages from '../messages.ts';
import { NAME } from '../nodes.ts';
import { findRecipient, type Recipient } from '../recipient.ts';
import { beginLoginByCode } from './begin.ts';
import { loginNodes } from './nodes.ts';
import { sendLoginCode } from './send.ts';

const body = Type.Object({
  identifier: optionalText({ maxLength: 1024 }),
  /** The name of the buttons that stand for addresses. */
  address: optionalText({ maxLength: 1024 }),
  code: optionalText(),
  resend: optionalText(),
  flow: optionalText(),
});

export function codeLogin(deps: MethodDeps, config: CodeConfig): LoginStep<typeof body> {
  return {
    levels: config.passwordless_enabled ? ['aal1'] : config.mfa_enabled ? ['aal2'] : [],
    body,
    offer: ({ stage, flow }) => Promise.resolve({ edits: loginNodes(deps, config, { stage, flow }) }),
    guess: async ({ flow, body: sent }) => {
      const isGuess = isAnswer(flow, sent) && isComplete(flow, sent);
      return isGuess ? guessAtCodes(deps, config, { flow, purpose: 'login' }) : undefined;
    },
    submit: (at) => submit(deps, config, at),
    begin: (at) => beginLoginByCode(deps, config, at),
  };
}

type Body = Submitted<typeof body>['body'];

const isSending = ({ state }: Flow, { resend }: Body): boolean =>
  state === 'choose_method' || resend === NAME;

const isAnswer = (flow: Flow, sent: Body): boolean => flow.state === 'sent_email' && !isSending(flow, sent);

/** The second factor knows its person without being told. */
const isComplete = (flow: Flow, sent: Body): boolean =>
  Boolean(sent.code) && (identifierIn(sent) !== '' || flow.requestedAal === 'aal2');

async function submit(
  deps: MethodDeps,
  config: CodeConfig,
  attempt: LoginAt & Submitted<typeof body>,
): Promise<LoginOutcome> {
  const { flow, body: sent } = attempt;
  const identifier = identifierIn(sent);
  if (isSending(flow, sent)) return send(deps, config, { attempt, identifier });
  if (!isAnswer(flow, sent)) return rejected(core.noLoginMethod());
  return prove(deps, config, { attempt, identifier });
}

interface Typed {
  readonly attempt: LoginAt & Submitted<typeof body>;
  readonly identifier: string;
}

function identifierIn({ identifier, address }: Body): string {
  const typed = identifier || address || '';
  return typed.includes('@') ? typed.toLowerCase() : typed;
}

/** True where nobody may learn from the answer whether an account exists. A session shows that its own does. */
const isConcealed = (deps: MethodDeps, { flow, person }: LoginAt): boolean =>
  deps.concealsAccounts && flow.requestedAal === 'aal1' && !(flow.refresh && person);

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
async function lastAddress(deps: MethodDeps, { flow }: LoginAt): Promise<string> {
  if (flow.requestedAal !== 'aal2' || flow.state === 'choose_method') return '';
  const [last] = await deps.database.stores.secrets.findOfFlow(flow.id, 'login');
  return last?.address ?? '';
}

function nobody(config: CodeConfig, { flow, person }: LoginAt): ReturnType<typeof messages.unknownAddress> {
  const isFallback =
    flow.requestedAal === 'aal2' &&
    config.config.missing_credential_fallback_enabled &&
    !person?.identity.credentials[NAME]?.identifiers.length;
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
  const { code = '' } = attempt.body;
  if (code === '') return refused(core.required('code'), 'code');
  const isSecondFactor = flow.requestedAal === 'aal2';
  if (identifier === '' && !isSecondFactor) return refused(core.required('identifier'), 'identifier');
  const secret = await findCode(deps, { flow, purpose: 'login', code });
  const sentTo = secret?.address ?? '';
  // The second factor goes by the session and by where the code went, whatever identifier is named.
  const recipient = await findRecipient(deps, config, {
    attempt,
    identifier: isSecondFactor ? sentTo : identifier,
  });
  if (!recipient && !isSecondFactor && !isConcealed(deps, attempt)) {
    return refused(messages.noAccountWithCode());
  }
  if (!secret || !recipient || !belongsTo(secret, recipient)) {
    return refused(messages.wrongLoginCode());
  }
  return {
    kind: 'authenticated',
    identity: recipient.identity,
    proof: { method: NAME, aal: flow.requestedAal },
    basis: {
      credentials: [reliedOn(recipient.identity, NAME)],
      holds: [{ via: secret.via, value: secret.address, as: 'any' }],
    },
    addresses: [{ via: secret.via, value: secret.address }],
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
