// What the link method says.
import type { Message, MessageType } from '../../protocol/message.ts';

const message = (type: MessageType, id: number, text: string): Message => ({ id, text, type });

export const recoveryLinkSent = (): Message =>
  message(
    'info',
    1060002,
    'If there is an account with this address, a link is on its way. Look into the spam folder too, or try another address.',
  );
export const recoveryLinkInvalid = (): Message =>
  message('error', 4060004, 'This link was used already or is not valid. Please ask for a new one.');
export const verificationLinkSent = (): Message =>
  message('info', 1080001, 'A link is on its way to this e-mail address. Look into the spam folder too.');
export const verificationLinkInvalid = (): Message =>
  message('error', 4070001, 'This link was used already or is not valid. Please ask for a new one.');

export const allMessages: Readonly<Record<string, Message>> = {
  recoveryLinkSent: recoveryLinkSent(),
  recoveryLinkInvalid: recoveryLinkInvalid(),
  verificationLinkSent: verificationLinkSent(),
  verificationLinkInvalid: verificationLinkInvalid(),
};
