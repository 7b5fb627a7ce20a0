// Hashes that come from other systems: verified once, then replaced by one of ours.
import { argon2Fault, isArgon2 } from './argon2.ts';
import { bcryptFault, isBcrypt } from './bcrypt.ts';
import { type DigestFormat, DIGEST_FORMATS } from './imported-digest.ts';
import { KDF_FORMATS } from './imported-kdf.ts';

const FORMATS: readonly DigestFormat[] = [...KDF_FORMATS, ...DIGEST_FORMATS];

/** True where the password fits. Formats that we do not know fit no password. */
export async function verifyImported(password: string, encoded: string): Promise<boolean> {
  const format = FORMATS.find(({ prefix }) => prefix.test(encoded));
  return format ? format.verify(password, encoded) : false;
}

/** Why this hash cannot be imported, or undefined where it can. */
export function checkImported(encoded: string): string | undefined {
  if (isArgon2(encoded)) return argon2Fault(encoded);
  if (isBcrypt(encoded)) return bcryptFault(encoded);
  const format = FORMATS.find(({ prefix }) => prefix.test(encoded));
  return format ? format.fault?.(encoded) : 'The hash is of no known kind.';
}
