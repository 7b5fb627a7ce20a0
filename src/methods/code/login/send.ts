// Sends a sign-in code: one for each address it goes to, counted before anything is made.

import type { Flow } from '../../../flow/flow.ts';
import type { LoginAt } from '../../../flow/method/contract.ts';
import type { MethodDeps } from '../../../flow/method/method-deps.ts';
import { type Continue, type LoginOutcome, rejected } from '../../../flow/method/outcome.ts';
import type { FlowRequest } from '../../../flow/request.ts';
import { TOO_MANY_MESSAGES } from '../../../flow/secret/budget.ts';
import { queueMessage } from '../../../flow/secret/secret-message.ts';
import type { FullIdentity } from '../../../identity/identity.ts';
import * as core from '../../../protocol/messages.ts';
import { normaliseIdentifier } from '../../../schema/normalise.ts';
import type { CodeConfig } from '../config.ts';
import type { CodeAddress } from '../credential.ts';
import * as messages from '../messages.ts';
import { NAME } from '../nodes.ts';
import { type Recipient, toAddress } from '../recipient.ts';
import { mayWriteTo, prepareCode } from '../send.ts';
import { sentLoginForm } from './nodes.ts';

/** Without a recipient everything happens alike, except that nothing is sent: the person must not learn who has an account. */
export async function sendLoginCode(
  deps: MethodDeps,
  config: CodeConfig,
  of: {
    readonly attempt: LoginAt;
    readonly identifier: string;
    readonly recipient: Recipient | undefined;
  },
): Promise<LoginOutcome> {
  const { attempt, identifier, recipient } = of;
  const { flow, request } = attempt;
  const addresses = recipient?.chosen ?? [asIfKnown(identifier)];
  if (!(await mayWriteTo(deps, addresses, request))) {
    return { ...rejected(core.generic(TOO_MANY_MESSAGES)), echo: { identifier } };
  }
  return sentLogin(deps, config, { flow, request, identifier, addresses, identity: recipient?.identity });
}

const asIfKnown = (typed: string): CodeAddress =>
  toAddress(typed) ?? { channel: 'email', address: normaliseIdentifier(typed) };

/** The step after which the flow waits for a code. The sending was counted already. */
export async function sentLogin(
  deps: MethodDeps,
  config: CodeConfig,
  of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly identifier: string;
    readonly addresses: readonly CodeAddress[];
    readonly identity: FullIdentity | undefined;
  },
): Promise<Continue> {
  const { flow, request, identity, identifier } = of;
  const made = await Promise.all(
    of.addresses.map(({ address, channel }) =>
      prepareCode(deps, {
        flow,
        request,
        identity,
        address,
        via: channel,
        purpose: 'login',
        templateName: 'login_code_valid',
        lifespanMs: config.config.lifespan,
        data: (code) => ({ login_code: code }),
      }),
    ),
  );
  const isOwn = flow.refresh || flow.requestedAal === 'aal2';
  return {
    kind: 'continue',
    patch: {
      nodes: sentLoginForm(flow, identifier),
      messages: [isOwn ? messages.codeSentToYou() : messages.loginCodeSent()],
      state: 'sent_email',
      active: NAME,
    },
    jsonStatus: 400,
    effect: async (stores) => {
      await stores.secrets.replace(
        flow.id,
        'login',
        made.map(({ secret }) => secret),
      );
      for (const { message } of made) await queueMessage(stores, message, identity !== undefined);
      return true;
    },
  };
}
