// bcrypt, with its limit of 72 bytes said aloud instead of cutting passwords short.
import { genSaltSync, hash, verify } from '@node-rs/bcrypt';
import { badRequest } from '../base/refusals.ts';
import { type HashFormat, isWithin } from './format.ts';

/** bcrypt reads no further: two longer passwords with the same start would be the same. */
export const BCRYPT_MAX_BYTES = 72;

const BCRYPT = /^\$2[abyz]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const PREFIX = /^\$2[abyz]?\$/;

/** Contract/platform.md section 5: an imported cost above this would hold a core for seconds at each sign-in. */
const MOST_IMPORTED_COST = 15;

/** Throws a 400 for passwords beyond 72 bytes; for people the policy refuses them before. */
export async function bcryptHash(password: string, cost: number): Promise<string> {
  if (Buffer.byteLength(password) > BCRYPT_MAX_BYTES) {
    throw badRequest(`A password may have at most ${BCRYPT_MAX_BYTES} bytes while bcrypt is configured.`);
  }
  return hash(password, { cost, version: '2a' });
}

/** A hash that fits no password and costs the same to check as a real one; making it costs nothing. */
export function bcryptDummy(cost: number): string {
  return genSaltSync({ cost, version: '2a' }) + '.'.repeat(31);
}

export function bcryptNeedsRehash(encoded: string, cost: number): boolean {
  const match = BCRYPT.exec(encoded);
  return !match || Number(match[1]) !== cost;
}

export const bcryptFormat: HashFormat = {
  prefix: PREFIX,
  verify: async (password, encoded) => {
    if (!BCRYPT.test(encoded)) return false;
    try {
      // The letters name bugs that were mended elsewhere; all of them compute the same here. The library knows a, b and y.
      return await verify(password, encoded.replace(PREFIX, '$2b$'));
    } catch {
      return false; // a cost that the library refuses fits no password
    }
  },
  fault: (encoded) => {
    const match = BCRYPT.exec(encoded);
    if (!match)
      return 'The bcrypt hash cannot be read; expected $2a$, two digits of cost, $ and 53 characters.';
    return isWithin(match[1], 4, MOST_IMPORTED_COST)
      ? undefined
      : `The bcrypt cost must be 4 to ${MOST_IMPORTED_COST}.`;
  },
};
