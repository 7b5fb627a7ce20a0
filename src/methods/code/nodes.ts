// The form nodes that the code method shows while an address is proven.

import { CODE_DIGITS } from '../../flow/secret/one-time-secret.ts';
import { input, methodButton, type Node } from '../../form/node.ts';
import type { Message } from '../../protocol/message.ts';
import * as core from '../../protocol/messages.ts';

export const NAME = 'code';

export const submitButton: Node = methodButton(NAME, NAME, core.continueLabel());
export const hiddenMethod: Node = input(NAME, { name: 'method', type: 'hidden', value: NAME });

export const emailField: Node = input(
  NAME,
  { name: 'email', type: 'email', required: true },
  core.emailLabel(),
);
export const emailOrPhoneField: Node = input(
  NAME,
  { name: 'email', type: 'text', required: true },
  core.emailOrPhoneLabel(),
);

/** `isStrict` tells browsers how a code looks, so that they refuse other text by themselves. */
export function codeField(label: Message, isStrict: boolean): Node {
  const shape = isStrict ? { pattern: '[0-9]+', maxlength: CODE_DIGITS } : {};
  return input(
    NAME,
    { name: 'code', type: 'text', required: true, autocomplete: 'one-time-code', ...shape },
    label,
  );
}

/** Sends again, to the address that is its value. */
export const resendButton = (address: string, name = 'email'): Node =>
  input(NAME, { name, type: 'submit', value: address }, core.resendLabel());

/** Sends again to wherever the flow sent before, in login and registration. */
export const resendCodeButton: Node = input(
  NAME,
  { name: 'resend', type: 'submit', value: NAME },
  core.resendLabel(),
);
