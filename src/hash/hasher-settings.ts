// The hash that the configuration asks for, in its own terms and units.
import { argon2MemoryKib, bcryptCost } from '../config/hashing.ts';
import type { Config } from '../config/schema.ts';
import type { HashAlgorithm } from './hasher.ts';

export function hashAlgorithm(config: Config): HashAlgorithm {
  const { algorithm, argon2 } = config.hashers;
  if (algorithm === 'bcrypt') return { algorithm, cost: bcryptCost(config) };
  return {
    algorithm: 'argon2',
    argon2: {
      memoryKib: argon2MemoryKib(config),
      iterations: argon2.iterations,
      parallelism: argon2.parallelism,
      saltBytes: argon2.salt_length,
      keyBytes: argon2.key_length,
    },
  };
}
