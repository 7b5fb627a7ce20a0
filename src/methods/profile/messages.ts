// What the profile method says.
import type { Message } from '../../protocol/message.ts';

export const chooseCredential = (): Message => ({
  id: 1040009,
  text: 'Choose how you want to sign in from now on.',
  type: 'info',
});

export const allMessages: Readonly<Record<string, Message>> = {
  chooseCredential: chooseCredential(),
};
