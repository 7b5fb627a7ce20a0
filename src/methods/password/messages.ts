// What the password method says.

import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';

const info = (id: number, text: string): Message => ({ id, text, type: 'info' });
const error = (id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type: 'error',
  ...(context ? { context } : {}),
});

export const signInAgain = (): Message => info(1010001, 'Sign in');
export const signInWithPassword = (): Message => info(1010022, 'Sign in with password');
export const passwordLabel = (): Message => info(1070001, 'Password');

export const policyViolated = (reason: string): Message =>
  error(4000005, `This password can’t be used: ${reason}`, { reason });
export const wrongCredentials = (): Message => error(4000006, 'Wrong e-mail or password.');
export const tooSimilar = (): Message =>
  error(4000031, 'Your password is too similar to your e-mail address or username.');
export const tooShort = (minLength: number, actualLength: number): Message =>
  error(4000032, `Use at least ${minLength} characters for your password.`, {
    min_length: minLength,
    actual_length: actualLength,
  });
export const tooLong = (maxLength: number, actualLength: number): Message =>
  error(4000033, `Your password is too long. Use no more than ${maxLength} characters.`, {
    max_length: maxLength,
    actual_length: actualLength,
  });
export const breached = (breaches: number): Message =>
  error(
    4000034,
    'This password has appeared in a data breach and isn’t safe to use. Choose a different one.',
    {
      breaches,
    },
  );
export const sameAsBefore = (): Message => error(4000039, 'This is already your password. Choose a new one.');

export const allMessages: Readonly<Record<string, Message>> = {
  signInAgain: signInAgain(),
  signInWithPassword: signInWithPassword(),
  passwordLabel: passwordLabel(),
  policyViolated: policyViolated(''),
  wrongCredentials: wrongCredentials(),
  tooSimilar: tooSimilar(),
  tooShort: tooShort(8, 5),
  tooLong: tooLong(72, 80),
  breached: breached(1),
  sameAsBefore: sameAsBefore(),
};
