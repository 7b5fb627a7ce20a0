// What the method says; the numbers are nobody's else.
import type { Message } from '../../../src/protocol/message.ts';

export const messages = {
  label: { id: 1079901, text: 'Number', type: 'info' },
  signIn: { id: 1019901, text: 'Sign in with a number', type: 'info' },
  wrong: { id: 4009901, text: 'This is not your number.', type: 'error' },
  unfit: { id: 4009902, text: 'A number has as many digits as were asked for.', type: 'error' },
} as const satisfies Readonly<Record<string, Message>>;
