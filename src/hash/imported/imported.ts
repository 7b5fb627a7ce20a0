// Which kinds of stored hashes are known? Ours and those of other systems, which are verified once and then replaced.
import { argon2Format } from '../argon2.ts';
import { bcryptFormat } from '../bcrypt.ts';
import type { HashFormat } from '../format.ts';
import { CRYPT_FORMATS } from './crypt-formats.ts';
import { DIGEST_FORMATS } from './digest-formats.ts';
import { KDF_FORMATS } from './kdf-formats.ts';

const OWN_FORMATS: readonly HashFormat[] = [argon2Format, bcryptFormat];
const FOREIGN_FORMATS: readonly HashFormat[] = [...KDF_FORMATS, ...CRYPT_FORMATS, ...DIGEST_FORMATS];

const find = (formats: readonly HashFormat[], encoded: string): HashFormat | undefined =>
  formats.find(({ prefix }) => prefix.test(encoded));

/** True where the password fits. Kinds that we do not know fit no password. */
export async function verifyStored(password: string, encoded: string): Promise<boolean> {
  // Operators may configure more work than an import may bring, so the bounds are not for our own kinds.
  const own = find(OWN_FORMATS, encoded);
  if (own) return own.verify(password, encoded);
  const foreign = find(FOREIGN_FORMATS, encoded);
  // The bounds hold again here: rows may have come into the database by another way than the import.
  if (!foreign || foreign.fault(encoded) !== undefined) return false;
  return foreign.verify(password, encoded);
}

/** Why this hash cannot be imported, or undefined where it can. */
export function checkImported(encoded: string): string | undefined {
  const format = find([...OWN_FORMATS, ...FOREIGN_FORMATS], encoded);
  return format ? format.fault(encoded) : 'The hash is of no known kind.';
}
