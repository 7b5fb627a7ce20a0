// What the code method says.

import type { JsonObject } from '../../lib/json.ts';
import type { Message, MessageType } from '../../protocol/message.ts';

const message = (type: MessageType, id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type,
  ...(context ? { context } : {}),
});

export const loginCodeSent = (): Message =>
  message(
    'info',
    1010014,
    'A code is on its way. Nothing there? Check the spelling and the spam folder, or send it again.',
  );
export const sendLoginCode = (): Message => message('info', 1010015, 'Send me a sign-in code');
export const sendCodeTo = (to: { readonly address: string; readonly channel: string }): Message =>
  message('info', 1010023, `Send a code to ${to.address}`, { address: to.address, channel: to.channel });
export const codeSentToYou = (): Message =>
  message('info', 1010025, 'A code is on its way to your address. Please enter it here.');
export const noAccountWithCode = (): Message =>
  message('error', 4000035, 'There is no account with this, or it does not sign in by code.');
export const wrongLoginCode = (): Message =>
  message('error', 4010008, 'This code is wrong or too old. Please check it, or ask for a new one.');
export const unknownAddress = (): Message =>
  message('error', 4010010, 'This address is not one of yours. Please choose another one.');

export const registrationCodeSent = (): Message =>
  message('info', 1040005, 'A code is on its way to you. Please enter it here to finish.');
export const sendRegistrationCode = (): Message => message('info', 1040006, 'Send me a sign-up code');
export const traitsChanged = (): Message =>
  message('error', 4000036, 'What you entered has changed since the code was sent. Please start again.');
export const wrongRegistrationCode = (): Message =>
  message('error', 4040003, 'This code is wrong or too old. Please check it, or ask for a new one.');

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
  loginCodeSent: loginCodeSent(),
  sendLoginCode: sendLoginCode(),
  sendCodeTo: sendCodeTo({ address: 'ann@example.org', channel: 'email' }),
  codeSentToYou: codeSentToYou(),
  noAccountWithCode: noAccountWithCode(),
  wrongLoginCode: wrongLoginCode(),
  unknownAddress: unknownAddress(),
  registrationCodeSent: registrationCodeSent(),
  sendRegistrationCode: sendRegistrationCode(),
  traitsChanged: traitsChanged(),
  wrongRegistrationCode: wrongRegistrationCode(),
  recoveryCodeSent: recoveryCodeSent(),
  recoveryCodeSentTo: recoveryCodeSentTo('an****@example.org'),
  wrongRecoveryCode: wrongRecoveryCode(),
  verificationCodeMailed: verificationCodeMailed(),
  verificationCodeTexted: verificationCodeTexted(),
  wrongVerificationCode: wrongVerificationCode(),
};
