// bcrypt, with its limit of 72 bytes said aloud instead of cutting passwords short.
import { badRequest } from '../protocol/refusals.ts';
import { type HashFormat, isWithin } from './format.ts';

/** bcrypt reads no further: two longer passwords with the same start would be the same. */
export const BCRYPT_MAX_BYTES = 72;

/** 22 characters of salt and 31 of hash. */
const BCRYPT_TAIL = 53;
const BCRYPT = /^\$2[abyz]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const PREFIX = /^\$2[abyz]?\$/;

/** Contract/platform.md section 5: an imported cost above this would hold a core for seconds at each sign-in. */
const MOST_IMPORTED_COST = 15;

/** Loaded for the first such hash, which many installations never see: 5 ms of a start, and 2 MiB. */
const library = () => import('@node-rs/bcrypt');

/** Throws a 400 for passwords beyond 72 bytes; for people the policy refuses them before. */
export async function bcryptHash(password: string, cost: number): Promise<string> {
  if (Buffer.byteLength(password) > BCRYPT_MAX_BYTES) {
    throw badRequest(`A password may have at most ${BCRYPT_MAX_BYTES} bytes while bcrypt is configured.`);
  }
  const { hash } = await library();
  // The library writes 2b, which for passwords of this length is the same hash as 2a, the name that others expect.
  return (await hash(password, cost)).replace(/^\$2b\$/, '$2a$');
}

/** A hash that fits no password and costs the same to check as a real one; making it costs nothing. */
export function bcryptDummy(cost: number): string {
  return `$2a$${String(cost).padStart(2, '0')}$${'.'.repeat(BCRYPT_TAIL)}`;
}

export function bcryptNeedsRehash(encoded: string, cost: number): boolean {
  const match = BCRYPT.exec(encoded);
  return !match || Number(match[1]) !== cost;
}

export const bcryptFormat: HashFormat = {
  prefix: PREFIX,
  verify: async (password, encoded) => {
    if (!BCRYPT.test(encoded)) return false;
    const { verify } = await library();
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
