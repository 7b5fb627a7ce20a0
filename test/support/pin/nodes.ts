// The field and the button.

import { append, input, methodButton, type NodeEdit, upsert } from '../../../src/form/node.ts';
import type { Message } from '../../../src/protocol/message.ts';
import { PIN } from './config.ts';
import { messages } from './messages.ts';

export const pinNodes = (button: Message): readonly NodeEdit[] => [
  upsert(input(PIN, { name: PIN, type: 'password', required: true }, messages.label)),
  append(methodButton(PIN, PIN, button)),
];
