// What the identifier-first method says.
import type { Message } from '../../protocol/message.ts';

export const accountNotFound = (): Message => ({
  id: 4000037,
  text: 'We couldn’t find an account with that. Check the spelling or create an account.',
  type: 'error',
});

export const allMessages: Readonly<Record<string, Message>> = { accountNotFound: accountNotFound() };
