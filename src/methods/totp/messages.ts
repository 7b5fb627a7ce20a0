// What the totp method says.
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';

const info = (id: number, text: string, context?: JsonObject): Message => ({
  id,
  text,
  type: 'info',
  ...(context ? { context } : {}),
});

export const codeLabel = (): Message => info(1010006, 'Authenticator code');
export const useApp = (): Message => info(1010009, 'Use authenticator app');
export const unlinkApp = (lastUsedAt?: string): Message =>
  info(
    1050004,
    lastUsedAt === undefined
      ? 'Remove authenticator app'
      : `Remove authenticator app (last used ${lastUsedAt.slice(0, 10)})`,
  );
export const qrLabel = (): Message => info(1050005, '1. Scan this QR code with your authenticator app');
export const secretText = (secret: string): Message => info(1050006, secret, { secret });
export const secretLabel = (): Message => info(1050017, 'Can’t scan it? Enter this key in the app instead');
export const confirmLabel = (): Message => info(1070006, '2. Enter the code shown in the app');

export const wrongCode = (): Message => ({
  id: 4000008,
  text: 'Wrong or expired code. Enter the one your app shows now.',
  type: 'error',
});
export const noApp = (): Message => ({
  id: 4000011,
  text: 'No authenticator app is set up for this account.',
  type: 'error',
});

export const allMessages: Readonly<Record<string, Message>> = {
  codeLabel: codeLabel(),
  useApp: useApp(),
  unlinkApp: unlinkApp(),
  qrLabel: qrLabel(),
  secretText: secretText('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'),
  secretLabel: secretLabel(),
  confirmLabel: confirmLabel(),
  wrongCode: wrongCode(),
  noApp: noApp(),
};
