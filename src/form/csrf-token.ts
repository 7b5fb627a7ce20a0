// Anti-CSRF tokens: masked anew for each form (BREACH), compared without telling where they differ.
import { randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES = 32;

/** A new token: 32 random bytes in base64. */
export function newCsrfToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64');
}

/** True where the text can be a token of the cookie. */
export function isCsrfToken(text: string): boolean {
  return decode(text)?.length === TOKEN_BYTES;
}

/** The token XORed with a fresh key, behind that key: looks different in every answer (docs/protocol/http.md 3.4). */
export function maskCsrf(token: string): string {
  const secret = Buffer.from(token, 'base64');
  const key = randomBytes(TOKEN_BYTES);
  const masked = Buffer.alloc(TOKEN_BYTES);
  for (let i = 0; i < TOKEN_BYTES; i += 1) masked[i] = (key[i] ?? 0) ^ (secret[i] ?? 0);
  return Buffer.concat([key, masked]).toString('base64');
}

/** True where the submitted token, masked or plain, is that of the cookie. */
export function verifyCsrf(token: string, submitted: string): boolean {
  const expected = decode(token);
  const given = unmask(decode(submitted));
  if (expected?.length !== TOKEN_BYTES || given?.length !== TOKEN_BYTES) return false;
  return timingSafeEqual(expected, given);
}

function unmask(bytes: Buffer | undefined): Buffer | undefined {
  if (bytes?.length !== 2 * TOKEN_BYTES) return bytes;
  const plain = Buffer.alloc(TOKEN_BYTES);
  for (let i = 0; i < TOKEN_BYTES; i += 1) plain[i] = (bytes[i] ?? 0) ^ (bytes[i + TOKEN_BYTES] ?? 0);
  return plain;
}

/** Standard base64 with padding, nothing looser: one token has one spelling. */
function decode(text: string): Buffer | undefined {
  if (text.length > 128 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
