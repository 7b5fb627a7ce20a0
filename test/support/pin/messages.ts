// What the method says; the numbers are nobody's else.
import type { Message } from '../../../src/protocol/message.ts';

export const messages = {
  label: { id: 1079901, text: 'Number', type: 'info' },
  signIn: { id: 1019901, text: 'Sign in with a number', type: 'info' },
  house: { id: 1019902, text: 'Sign in at the house', type: 'info' },
  linking: { id: 1019903, text: 'Sign in to connect the house.', type: 'info' },
  dictated: { id: 1059901, text: 'The number for you', type: 'info' },
  remove: { id: 1059902, text: 'Remove the number', type: 'info' },
  wrong: { id: 4009901, text: 'This is not your number.', type: 'error' },
  unfit: { id: 4009902, text: 'A number has as many digits as were asked for.', type: 'error' },
  refused: { id: 4009903, text: 'The house did not let you in.', type: 'error' },
} as const satisfies Readonly<Record<string, Message>>;
