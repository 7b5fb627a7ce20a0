// The form nodes that the password method shows.

import { append, input, methodButton, type NodeEdit, upsert } from '../../form/node.ts';
import type { Message } from '../../protocol/message.ts';
import * as messages from './messages.ts';

const NAME = 'password';

/** The field for the password that one has. */
export const currentPassword: NodeEdit = upsert(
  input(
    NAME,
    { name: 'password', type: 'password', required: true, autocomplete: 'current-password' },
    messages.passwordLabel(),
  ),
);

/** The field for a password that one chooses; managers offer to make one. */
export const newPassword: NodeEdit = upsert(
  input(
    NAME,
    { name: 'password', type: 'password', required: true, autocomplete: 'new-password' },
    messages.passwordLabel(),
  ),
);

export const passwordButton = (label: Message): NodeEdit => append(methodButton(NAME, NAME, label));
