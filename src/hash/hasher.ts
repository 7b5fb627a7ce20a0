// Password in, encoded hash out; and whether a password fits a hash of any known kind.
import { type Argon2Parameters, argon2Dummy, argon2Hash, argon2NeedsRehash } from './argon2.ts';
import { BCRYPT_MAX_BYTES, bcryptDummy, bcryptHash, bcryptNeedsRehash } from './bcrypt.ts';
import { checkImported, verifyStored } from './imported/imported.ts';
import { createHashPool, type HashPool } from './pool.ts';

export type HashAlgorithm =
  | { readonly algorithm: 'argon2'; readonly argon2: Argon2Parameters }
  | { readonly algorithm: 'bcrypt'; readonly cost: number };

/** `hash`, `verify` and `verifyDummy` throw 503 where too many hashes wait already (pool.ts). */
export interface Hasher {
  /** The encoded hash under the configured algorithm. Throws 400 for a password that it cannot take. */
  hash(password: string): Promise<string>;
  /** True where the password fits the hash, of whichever known kind. */
  verify(password: string, encoded: string): Promise<boolean>;
  /** The work of a verification that fails, for accounts that do not exist: time must not tell them apart. */
  verifyDummy(password: string): Promise<void>;
  /** True where the hash was made by another algorithm or with other parameters. */
  needsRehash(encoded: string): boolean;
  /** Why a hash from another system cannot be taken, or undefined. */
  validateImported(encoded: string): string | undefined;
}

/** Longest password in bytes that the algorithm reads to its end; undefined where there is no limit. */
export const maxPasswordBytes = ({ algorithm }: HashAlgorithm): number | undefined =>
  algorithm === 'bcrypt' ? BCRYPT_MAX_BYTES : undefined;

/** One pool for everything that hashes in this process: pass the same one after a reload of the configuration. */
export function createHasher(of: HashAlgorithm & { readonly pool?: HashPool }): Hasher {
  const pool = of.pool ?? createHashPool();
  const own = ownAlgorithm(of);
  return {
    hash: (password) => pool.run(() => own.hash(password)),
    verify: (password, encoded) =>
      pool.run(async () => {
        if (await verifyStored(password, encoded)) return true;
        // A cheap hash from elsewhere would refuse in microseconds and so betray that the account exists: a refusal never
        // costs less than for an account that does not exist.
        if (own.needsRehash(encoded)) await verifyStored(password, own.dummy);
        return false;
      }),
    verifyDummy: async (password) => {
      await pool.run(() => verifyStored(password, own.dummy));
    },
    needsRehash: own.needsRehash,
    validateImported: checkImported,
  };
}

interface OwnAlgorithm {
  readonly hash: (password: string) => Promise<string>;
  readonly needsRehash: (encoded: string) => boolean;
  /** Fits no password; made without hashing, so that the first unknown account costs what all others do. */
  readonly dummy: string;
}

function ownAlgorithm(of: HashAlgorithm): OwnAlgorithm {
  switch (of.algorithm) {
    case 'argon2':
      return {
        hash: (password) => argon2Hash(password, of.argon2),
        needsRehash: (encoded) => argon2NeedsRehash(encoded, of.argon2),
        dummy: argon2Dummy(of.argon2),
      };
    case 'bcrypt':
      return {
        hash: (password) => bcryptHash(password, of.cost),
        needsRehash: (encoded) => bcryptNeedsRehash(encoded, of.cost),
        dummy: bcryptDummy(of.cost),
      };
    default:
      return of satisfies never;
  }
}
