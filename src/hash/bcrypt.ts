// bcrypt, with its limit of 72 bytes said aloud instead of cutting passwords short.
import { hash, verify } from '@node-rs/bcrypt';

/** bcrypt reads no further: two longer passwords with the same start would be the same. */
export const BCRYPT_MAX_BYTES = 72;

const BCRYPT = /^\$2[abyz]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;

export const isBcrypt = (encoded: string): boolean => /^\$2[abyz]?\$/.test(encoded);

/** Throws a RangeError for passwords beyond 72 bytes; the policy refuses them before. */
export function bcryptHash(password: string, cost: number): Promise<string> {
  if (Buffer.byteLength(password) > BCRYPT_MAX_BYTES) throw new RangeError('bcrypt takes at most 72 bytes');
  return hash(password, cost);
}

export async function bcryptVerify(password: string, encoded: string): Promise<boolean> {
  try {
    // All variants after 2a compute the same for what we accept; the library knows a, b and y.
    return await verify(password, encoded.replace(/^\$2[abyz]?\$/, '$2b$'));
  } catch {
    return false;
  }
}

export function bcryptNeedsRehash(encoded: string, cost: number): boolean {
  const match = BCRYPT.exec(encoded);
  return !match || Number(match[1]) !== cost;
}

export function bcryptFault(encoded: string): string | undefined {
  const match = BCRYPT.exec(encoded);
  if (!match) return 'The bcrypt hash cannot be read; expected $2a$cost$ and 53 characters.';
  const cost = Number(match[1]);
  return cost < 4 || cost > 15 ? 'The bcrypt cost is out of bounds (4 to 15).' : undefined;
}
