// What the lookup_secret method says.

import { toRfc3339 } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import type { BackupCode } from './codes.ts';

const message = (type: Message['type'], id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type,
  ...(context ? { context } : {}),
});

export const codeLabel = (): Message => message('info', 1010007, 'Backup code');
export const useCode = (): Message => message('info', 1010010, 'Use backup code');

/** With the number that is left where it is time to make new ones. */
export const revealCodes = (left?: number): Message =>
  message('info', 1050007, left === undefined ? 'Show backup codes' : `Show backup codes (${left} left)`);
export const makeCodes = (): Message => message('info', 1050008, 'Create backup codes');
export const codesLabel = (): Message =>
  message('info', 1050010, 'Your backup codes. Keep them somewhere safe: each one works once');
export const confirmCodes = (): Message => message('info', 1050011, 'I have saved these codes');
export const dropCodes = (): Message => message('info', 1050016, 'Turn off backup codes');

const unused = (code: string): Message => message('info', 1050009, code, { secret: code });
const used = (usedAt: string): Message => {
  const atMs = Date.parse(usedAt);
  const at = Number.isNaN(atMs) ? 0 : atMs;
  const context = { used_at: toRfc3339(at), used_at_unix: Math.floor(at / 1000) };
  return message('info', 1050014, `Used on ${toRfc3339(at).slice(0, 10)}`, context);
};

/** All codes in one text; those that are used up do not show what they were. */
export function listedCodes(codes: readonly BackupCode[]): Message {
  const each = codes.map(({ code, usedAt }) => (usedAt === undefined ? unused(code) : used(usedAt)));
  const text = codes.map(({ code, usedAt }) => (usedAt === undefined ? code : 'used')).join(', ');
  // The cast: messages inside of a message are plain JSON.
  return message('info', 1050015, text, { secrets: each as unknown as JsonObject[] });
}

export const alreadyUsed = (): Message =>
  message('error', 4000012, 'This backup code has already been used. Try another one.');
export const noCodes = (): Message =>
  message('error', 4000014, 'No backup codes are set up for this account.');
export const wrongCode = (): Message =>
  message('error', 4000016, 'Wrong backup code. Check for typos and try again.');

export const allMessages: Readonly<Record<string, Message>> = {
  codeLabel: codeLabel(),
  useCode: useCode(),
  revealCodes: revealCodes(),
  makeCodes: makeCodes(),
  unused: unused('a1b2c3d4'),
  codesLabel: codesLabel(),
  confirmCodes: confirmCodes(),
  used: used('2030-01-01T00:00:00Z'),
  listedCodes: listedCodes([{ code: 'a1b2c3d4' }]),
  dropCodes: dropCodes(),
  alreadyUsed: alreadyUsed(),
  noCodes: noCodes(),
  wrongCode: wrongCode(),
};
