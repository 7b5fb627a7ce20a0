// What the profile method says.
import type { Message } from '../../protocol/message.ts';

export const chooseCredential = (): Message => ({
  id: 1040009,
  text: 'Choose how you’d like to sign in.',
  type: 'info',
});

export const allMessages: Readonly<Record<string, Message>> = {
  chooseCredential: chooseCredential(),
};
