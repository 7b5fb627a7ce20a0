// docs/reference/messages.md: every message to people, with its number, type, sample text and context.

import * as methodRegistry from '../../src/methods/registry.ts';
import type { Message } from '../../src/protocol/message.ts';
import { code, GENERATED, page, table } from './markdown.ts';
import { FURTHER_SAMPLES, MESSAGE_SAMPLES } from './message-samples.ts';

export interface OwnedMessage {
  readonly message: Message;
  /** Name of the method that says it; `core` for all others. */
  readonly owner: string;
}

/** Every message there is, by number. */
export function allMessages(): readonly OwnedMessage[] {
  const core = [...Object.values(MESSAGE_SAMPLES), ...FURTHER_SAMPLES].map((message) => ({
    message,
    owner: 'core',
  }));
  const own = Object.values(methodRegistry).flatMap(({ name, messages }) =>
    Object.values(messages).map((message) => ({ message, owner: name })),
  );
  return [...core, ...own].sort((a, b) => a.message.id - b.message.id);
}

export function messagesPage(): string {
  return page(
    '# Messages',
    GENERATED,
    INTRODUCTION,
    table(
      ['id', 'type', 'owner', 'sample text', 'context'],
      allMessages().map(({ message, owner }) => [
        String(message.id),
        message.type,
        owner,
        message.text,
        Object.keys(message.context ?? {})
          .map(code)
          .join(', '),
      ]),
    ),
  );
}

const INTRODUCTION = `A message is what a form says to people: as a label of a node, as a remark at a field, or above the whole form. Its number is part of the API and never used for something else; its text may get better from version to version. Translate by number, with the values of \`context\`.

The texts below are samples: numbers, names and times differ from case to case.`;
