// Randomness, keyed digests and comparisons: the only file that makes secrets.
import { createHash, createHmac, hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` characters of A-Z a-z 0-9, each drawn uniformly. 32 of them carry 190 bits. */
export function randomAlphanumeric(length: number): string {
  let out = '';
  while (out.length < length) {
    // 248 is the largest multiple of 62 below 256: larger bytes would favour the first letters.
    for (const byte of randomBytes(length * 2))
      if (byte < 248 && out.length < length) out += ALPHANUMERIC[byte % 62];
  }
  return out;
}

/** A code of decimal digits with leading zeros, each value equally likely. */
export function randomDigits(length: number): string {
  return String(randomInt(10 ** length)).padStart(length, '0');
}

/** Random bytes in standard base64. */
export function randomBase64(byteLength: number): string {
  return randomBytes(byteLength).toString('base64');
}

/** The form in which a token of full entropy is stored: SHA-256 in base64url. Guessing is hopeless, so no key is needed. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** HMAC-SHA-256 in base64url, bound to a purpose so that a value made for one use fails every other. */
export function keyedDigest(key: string, purpose: string, value: string): string {
  return createHmac('sha256', key).update(`${purpose}\0${value}`).digest('base64url');
}

/** HMAC-SHA-512/256 in hex, as Kratos keeps codes and links. */
export function shortKeyedDigest(key: string, value: string): string {
  return createHmac('sha512-256', key).update(value).digest('hex');
}

/** Equality that takes the same time wherever the texts differ: stops guessing byte by byte. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
