// Password in, encoded hash out; and whether a password fits a hash of any known kind.
import { argon2Hash, argon2NeedsRehash, argon2Verify, type Argon2Parameters, isArgon2 } from './argon2.ts';
import { bcryptHash, bcryptNeedsRehash, bcryptVerify, isBcrypt } from './bcrypt.ts';
import { checkImported, verifyImported } from './imported.ts';
import { createHashPool, type HashPoolOptions } from './pool.ts';

export type HashAlgorithm =
  | { readonly algorithm: 'argon2'; readonly argon2: Argon2Parameters }
  | { readonly algorithm: 'bcrypt'; readonly cost: number };

export interface Hasher {
  /** The encoded hash under the configured algorithm. */
  hash(password: string): Promise<string>;
  verify(password: string, encoded: string): Promise<boolean>;
  /** The work of a verification that fails, for accounts that do not exist: time must not tell them apart. */
  verifyDummy(password: string): Promise<void>;
  /** True where the hash was made by another algorithm or with other parameters. */
  needsRehash(encoded: string): boolean;
  /** Why a hash from another system cannot be taken, or undefined. */
  validateImported(encoded: string): string | undefined;
}

export function createHasher(of: HashAlgorithm & { readonly pool?: HashPoolOptions }): Hasher {
  const pool = createHashPool(of.pool);
  const make = (password: string): Promise<string> =>
    of.algorithm === 'argon2' ? argon2Hash(password, of.argon2) : bcryptHash(password, of.cost);
  let dummy: Promise<string> | undefined;
  const verify = (password: string, encoded: string): Promise<boolean> =>
    pool.run(() => {
      if (isArgon2(encoded)) return argon2Verify(password, encoded);
      if (isBcrypt(encoded)) return bcryptVerify(password, encoded);
      return verifyImported(password, encoded);
    });
  return {
    hash: (password) => pool.run(() => make(password)),
    verify,
    verifyDummy: async (password) => {
      dummy ??= pool.run(() => make('nobody signs in with this'));
      await verify(password, await dummy);
    },
    needsRehash: (encoded) =>
      of.algorithm === 'argon2' ? argon2NeedsRehash(encoded, of.argon2) : bcryptNeedsRehash(encoded, of.cost),
    validateImported: checkImported,
  };
}
