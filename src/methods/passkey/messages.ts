// What the passkey method says.
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import { describedKey, keyContext } from '../../webauthn/key-dates.ts';
import type { Key } from '../../webauthn/keys.ts';

const info = (id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type: 'info',
  ...(context ? { context } : {}),
});

export const signIn = (): Message => info(1010021, 'Sign in with passkey');
export const signUp = (): Message => info(1040007, 'Sign up with passkey');
export const addPasskey = (): Message => info(1050019, 'Add passkey');
export const removePasskey = (key: Pick<Key, 'displayName' | 'addedAt' | 'lastUsedAt'>): Message =>
  info(1050020, `Remove passkey ${describedKey(key)}`, keyContext(key));

export const allMessages: Readonly<Record<string, Message>> = {
  signIn: signIn(),
  signUp: signUp(),
  addPasskey: addPasskey(),
  removePasskey: removePasskey({ displayName: 'iCloud Keychain', addedAt: '2030-01-01T00:00:00Z' }),
};
