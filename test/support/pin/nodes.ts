// The field and the buttons.
import { append, input, methodButton, type NodeEdit, upsert } from '../../../src/form/node.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { PIN } from './config.ts';
import { messages } from './messages.ts';

export const pinNodes = (button: Message): readonly NodeEdit[] => [
  upsert(input(PIN, { name: PIN, type: 'password', required: true }, messages.label)),
  append(methodButton(PIN, PIN, button)),
];

/** Leads to the other place, where somebody else knows who one is. */
export const houseButton: NodeEdit = append(
  input(PIN, { name: 'house', type: 'submit', value: 'door' }, messages.house),
);
