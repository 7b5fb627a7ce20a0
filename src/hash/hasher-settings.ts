// The hash that the configuration asks for, in its own terms and units.
import type { Config } from '../config/schema.ts';
import type { HashAlgorithm } from './hasher.ts';

export function hashAlgorithm({ hashers }: Config): HashAlgorithm {
  if (hashers.algorithm === 'bcrypt') return { algorithm: 'bcrypt', cost: hashers.bcrypt.cost };
  const { argon2 } = hashers;
  return {
    algorithm: 'argon2',
    argon2: {
      memoryKib: Math.round(argon2.memory / 1024),
      iterations: argon2.iterations,
      parallelism: argon2.parallelism,
      saltBytes: argon2.salt_length,
      keyBytes: argon2.key_length,
    },
  };
}
