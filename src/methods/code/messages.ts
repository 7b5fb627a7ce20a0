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
    'We’ve sent you a code. If it doesn’t arrive, check your spam folder or resend it.',
  );
export const sendLoginCode = (): Message => message('info', 1010015, 'Send sign-in code');
export const sendCodeTo = (to: { readonly address: string; readonly channel: string }): Message =>
  message('info', 1010023, `Send a code to ${to.address}`, { address: to.address, channel: to.channel });
export const codeSentToYou = (): Message =>
  message('info', 1010025, 'We’ve sent a code to your address. Enter it here.');
export const noAccountWithCode = (): Message =>
  message('error', 4000035, 'No account with this address can sign in with a code.');
export const wrongLoginCode = (): Message =>
  message('error', 4010008, 'This code is incorrect or has expired. Check it, or request a new one.');
export const unknownAddress = (): Message =>
  message('error', 4010010, 'This address isn’t on your account. Choose another one.');

export const registrationCodeSent = (): Message =>
  message('info', 1040005, 'We’ve sent you a code. Enter it here to finish signing up.');
export const sendRegistrationCode = (): Message => message('info', 1040006, 'Send sign-up code');
export const traitsChanged = (): Message =>
  message('error', 4000036, 'Your details have changed since the code was sent. Please start again.');
export const wrongRegistrationCode = (): Message =>
  message('error', 4040003, 'This code is incorrect or has expired. Check it, or request a new one.');

export const recoveryCodeSent = (): Message =>
  message(
    'info',
    1060003,
    'If an account uses this address, we’ve sent it a code. Check your spam folder, or try another address.',
  );
export const recoveryCodeSentTo = (masked: string): Message =>
  message('info', 1060004, `If this address belongs to the account, we’ve sent a code to ${masked}.`, {
    masked_address: masked,
  });
export const wrongRecoveryCode = (): Message =>
  message('error', 4060006, 'This code is incorrect or has expired. Check it, or request a new one.');

export const verificationCodeMailed = (): Message =>
  message(
    'info',
    1080003,
    'We’ve sent a code to this e-mail address. Check your spam folder if it doesn’t arrive.',
  );
export const verificationCodeTexted = (): Message =>
  message('info', 1080004, 'We’ve sent a code to this phone number.');
export const wrongVerificationCode = (): Message =>
  message('error', 4070006, 'This code is incorrect or has expired. Check it, or request a new one.');

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
