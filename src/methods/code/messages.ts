// What the code method says.
import type { Message, MessageType } from '../../base/message.ts';
import type { JsonObject } from '../../lib/json.ts';

const message = (type: MessageType, id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type,
  ...(context ? { context } : {}),
});

export const recoveryCodeSent = (): Message =>
  message(
    'info',
    1060003,
    'If there is an account with this address, a code is on its way. Look into the spam folder too, or try another address.',
  );
export const recoveryCodeSentTo = (masked: string): Message =>
  message('info', 1060004, `If this address belongs to the account, a code is on its way to ${masked}.`, {
    masked_address: masked,
  });
export const wrongRecoveryCode = (): Message =>
  message('error', 4060006, 'This code is wrong or too old. Please check it, or ask for a new one.');

export const verificationCodeMailed = (): Message =>
  message('info', 1080003, 'A code is on its way to this e-mail address. Look into the spam folder too.');
export const verificationCodeTexted = (): Message =>
  message('info', 1080004, 'A code is on its way to this phone number.');
export const wrongVerificationCode = (): Message =>
  message('error', 4070006, 'This code is wrong or too old. Please check it, or ask for a new one.');

export const allMessages: Readonly<Record<string, Message>> = {
  recoveryCodeSent: recoveryCodeSent(),
  recoveryCodeSentTo: recoveryCodeSentTo('an****@example.org'),
  wrongRecoveryCode: wrongRecoveryCode(),
  verificationCodeMailed: verificationCodeMailed(),
  verificationCodeTexted: verificationCodeTexted(),
  wrongVerificationCode: wrongVerificationCode(),
};
