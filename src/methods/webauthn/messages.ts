// What the webauthn method says.
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import { describedKey, keyContext } from '../../webauthn/key-dates.ts';
import type { Key } from '../../webauthn/keys.ts';
import { keyRefused, noSuchKey } from '../../webauthn/messages.ts';

const info = (id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type: 'info',
  ...(context ? { context } : {}),
});

export const useKey = (): Message => info(1010008, 'Use security key');
export const prepareKey = (): Message => info(1010012, 'Get your security key ready, then continue.');
export const continueWithKey = (): Message => info(1010013, 'Continue');
export const signUpWithKey = (): Message => info(1040004, 'Sign up with security key');
export const addKey = (): Message => info(1050012, 'Add security key');
export const keyName = (): Message => info(1050013, 'Security key name');
export const removeKey = (key: Pick<Key, 'displayName' | 'addedAt' | 'lastUsedAt'>): Message =>
  info(1050018, `Remove security key ${describedKey(key)}`, keyContext(key));
export const noKey = (): Message => ({
  id: 4000013,
  text: 'No security key is set up for this account.',
  type: 'error',
});

export const allMessages: Readonly<Record<string, Message>> = {
  useKey: useKey(),
  prepareKey: prepareKey(),
  continueWithKey: continueWithKey(),
  signUpWithKey: signUpWithKey(),
  addKey: addKey(),
  keyName: keyName(),
  removeKey: removeKey({ displayName: 'Blue key', addedAt: '2030-01-01T00:00:00Z' }),
  noKey: noKey(),
  noSuchKey: noSuchKey(),
  keyRefused: keyRefused(),
};
