// What the link method says.
import type { Message, MessageType } from '../../protocol/message.ts';

const message = (type: MessageType, id: number, text: string): Message => ({ id, text, type });

export const recoveryLinkSent = (): Message =>
  message(
    'info',
    1060002,
    'If an account uses this address, we’ve sent it a link. Check your spam folder, or try another address.',
  );
export const recoveryLinkInvalid = (): Message =>
  message('error', 4060004, 'This link is invalid or has already been used. Request a new one.');
export const verificationLinkSent = (): Message =>
  message(
    'info',
    1080001,
    'We’ve sent a link to this e-mail address. Check your spam folder if it doesn’t arrive.',
  );
export const verificationLinkInvalid = (): Message =>
  message('error', 4070001, 'This link is invalid or has already been used. Request a new one.');

export const allMessages: Readonly<Record<string, Message>> = {
  recoveryLinkSent: recoveryLinkSent(),
  recoveryLinkInvalid: recoveryLinkInvalid(),
  verificationLinkSent: verificationLinkSent(),
  verificationLinkInvalid: verificationLinkInvalid(),
};
