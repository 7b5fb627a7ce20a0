// Argon2id (RFC 9106) in PHC strings; argon2i is verified for accounts that come from elsewhere.
import { hash, verify } from '@node-rs/argon2';

export interface Argon2Parameters {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly saltBytes: number;
  readonly keyBytes: number;
}

/** OWASP's first choice: 19 MiB, two passes, one lane. 10 ms on a present-day core. */
export const DEFAULT_ARGON2: Argon2Parameters = {
  memoryKib: 19_456,
  iterations: 2,
  parallelism: 1,
  saltBytes: 16,
  keyBytes: 32,
};

const PHC = /^\$argon2(id|i)\$v=(\d+)\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export const isArgon2 = (encoded: string): boolean => /^\$argon2(?:id|i)\$/.test(encoded);

export function argon2Hash(password: string, of: Argon2Parameters): Promise<string> {
  return hash(password, {
    memoryCost: of.memoryKib,
    timeCost: of.iterations,
    parallelism: of.parallelism,
    outputLen: of.keyBytes,
  });
}

export async function argon2Verify(password: string, encoded: string): Promise<boolean> {
  try {
    return await verify(encoded, password);
  } catch {
    return false; // an encoded form that the library cannot read fits no password
  }
}

export function argon2NeedsRehash(encoded: string, of: Argon2Parameters): boolean {
  const match = PHC.exec(encoded);
  if (!match) return true;
  const [, variant, version, memory, iterations, parallelism] = match;
  return (
    variant !== 'id' ||
    version !== '19' ||
    Number(memory) !== of.memoryKib ||
    Number(iterations) !== of.iterations ||
    Number(parallelism) !== of.parallelism
  );
}

/** Bounds of contract/platform.md section 5: an import must not make sign-ins cost minutes or gigabytes. */
export function argon2Fault(encoded: string): string | undefined {
  const match = PHC.exec(encoded);
  if (!match) return 'The argon2 hash cannot be read; expected $argon2id$v=19$m=...,t=...,p=...$salt$hash.';
  const [, , version, memory, iterations, parallelism] = match;
  if (version !== '19') return 'Only version 19 of argon2 is known.';
  if (Number(memory) < 1 || Number(memory) > 1_048_576) return 'The argon2 memory is out of bounds (at most 1 GiB).';
  if (Number(iterations) < 1 || Number(iterations) > 10) return 'The argon2 iterations are out of bounds (1 to 10).';
  if (Number(parallelism) < 1 || Number(parallelism) > 16) return 'The argon2 parallelism is out of bounds (1 to 16).';
  return undefined;
}
