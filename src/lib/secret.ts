// Randomness, keyed digests and comparisons: the only file that makes secrets.
import { createHash, createHmac, hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** `length` characters of A-Z a-z 0-9, each drawn uniformly. 32 of them carry 190 bits. */
export function randomAlphanumeric(length: number): string {
  return randomText(length, ALPHANUMERIC);
}

/** `length` characters of a-z 0-9, for people who type them. 8 of them carry 41 bits. */
export function randomLowerAlphanumeric(length: number): string {
  return randomText(length, LOWER_ALPHANUMERIC);
}

/** Random bytes in base64url, such as the challenge of a ceremony. */
export function randomBase64Url(byteLength: number): string {
  return randomBytes(byteLength).toString('base64url');
}

function randomText(length: number, alphabet: string): string {
  // The largest multiple of the alphabet's size: larger bytes would favour the first letters.
  const end = 256 - (256 % alphabet.length);
  let out = '';
  while (out.length < length) {
    for (const byte of randomBytes(length * 2))
      if (byte < end && out.length < length) out += alphabet[byte % alphabet.length];
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
