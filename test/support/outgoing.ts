// What the server means to send: read from its queue, where no courier takes it away.
import assert from 'node:assert/strict';
import type { CourierMessage } from '../../src/courier/message.ts';
import type { TestServer } from './server.ts';

/** All messages to an address of which the template's name begins so, the oldest first. */
export async function messagesTo(
  { bia }: Pick<TestServer, 'bia'>,
  recipient: string,
  templates = '',
): Promise<readonly CourierMessage[]> {
  const found = await bia.database.stores.messages.list({ recipient, limit: 500 });
  return found.filter(({ templateName }) => templateName.startsWith(templates)).toReversed();
}

/** A value of the newest message that has it, by its name in templates, such as `recovery_code`. Time must pass between two. */
export async function sentValue(
  server: Pick<TestServer, 'bia'>,
  recipient: string,
  name: string,
): Promise<string> {
  const values = (await messagesTo(server, recipient)).map(({ templateData }) => templateData[name]);
  const newest = values.findLast((value) => typeof value === 'string');
  assert.ok(newest, `no message to ${recipient} has a ${name}`);
  return String(newest);
}

/** A code that is not this one. */
export const anotherCode = (code: string): string =>
  String((Number(code) + 1) % 1_000_000).padStart(code.length, '0');

/** Recovery and verification as they are in most stories. */
export const RECOVERY_CONFIG = {
  selfservice: {
    methods: { link: { enabled: true } },
    flows: {
      recovery: { enabled: true, ui_url: 'http://app.example.org/recovery' },
      verification: { enabled: true, ui_url: 'http://app.example.org/verification' },
    },
  },
} as const;
