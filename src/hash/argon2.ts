// Argon2id (RFC 9106) in PHC strings; argon2i is verified for accounts that come from elsewhere.
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { fromBase64, type HashFormat, isWithin } from './format.ts';

export interface Argon2Parameters {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
  readonly saltBytes: number;
  readonly keyBytes: number;
}

/** OWASP's first choice: 19 MiB, two passes, one lane. 5 to 6 ms on the cores where it was measured. */
export const DEFAULT_ARGON2: Argon2Parameters = {
  memoryKib: 19_456,
  iterations: 2,
  parallelism: 1,
  saltBytes: 16,
  keyBytes: 32,
};

const PHC = /^\$argon2(id|i)\$v=(\d+)\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Bounds of docs/protocol/platform.md section 5: an import must not make sign-ins cost minutes or gigabytes. */
const MOST_MEMORY_KIB = 1_048_576;
const MOST_ITERATIONS = 10;
const MOST_LANES = 16;
/** RFC 9106 section 3.1: eight blocks of 1 KiB for each lane, and a tag of at least four bytes. */
const LEAST_KIB_PER_LANE = 8;
const LEAST_KEY_BYTES = 4;
/** Least salt that the library takes. */
const LEAST_SALT_BYTES = 8;
const MOST_SALT_OR_KEY_BYTES = 512;

export function argon2Hash(password: string, of: Argon2Parameters): Promise<string> {
  return hash(password, {
    memoryCost: of.memoryKib,
    timeCost: of.iterations,
    parallelism: of.parallelism,
    outputLen: of.keyBytes,
    salt: randomBytes(of.saltBytes),
  });
}

/** A hash that fits no password and costs the same to check as a real one; making it costs nothing. */
export function argon2Dummy(of: Argon2Parameters): string {
  const unpadded = (size: number): string => randomBytes(size).toString('base64').replaceAll('=', '');
  const parameters = `m=${of.memoryKib},t=${of.iterations},p=${of.parallelism}`;
  return `$argon2id$v=19$${parameters}$${unpadded(of.saltBytes)}$${unpadded(of.keyBytes)}`;
}

export function argon2NeedsRehash(encoded: string, of: Argon2Parameters): boolean {
  const match = PHC.exec(encoded);
  if (!match) return true;
  const [, variant, version, memory, iterations, parallelism, salt, key] = match;
  return (
    variant !== 'id' ||
    version !== '19' ||
    Number(memory) !== of.memoryKib ||
    Number(iterations) !== of.iterations ||
    Number(parallelism) !== of.parallelism ||
    fromBase64(salt).length !== of.saltBytes ||
    fromBase64(key).length !== of.keyBytes
  );
}

export const argon2Format: HashFormat = {
  prefix: /^\$argon2(?:id|i)\$/,
  verify: async (password, encoded) => {
    if (!PHC.test(encoded)) return false;
    try {
      return await verify(encoded, password);
    } catch {
      return false; // parameters that the library refuses fit no password
    }
  },
  fault: (encoded) => {
    const match = PHC.exec(encoded);
    if (!match) return 'The argon2 hash cannot be read; expected $argon2id$v=19$m=...,t=...,p=...$salt$key.';
    const [, , version, memory, iterations, lanes, salt, key] = match;
    if (version !== '19') return 'Only version 19 of argon2 is known.';
    if (!isWithin(lanes, 1, MOST_LANES)) return `The argon2 lanes (p) must be 1 to ${MOST_LANES}.`;
    const leastKib = LEAST_KIB_PER_LANE * Number(lanes);
    if (!isWithin(memory, leastKib, MOST_MEMORY_KIB)) {
      return `The argon2 memory (m) must be ${leastKib} to ${MOST_MEMORY_KIB} KiB.`;
    }
    if (!isWithin(iterations, 1, MOST_ITERATIONS)) {
      return `The argon2 iterations (t) must be 1 to ${MOST_ITERATIONS}.`;
    }
    const [saltBytes, keyBytes] = [fromBase64(salt).length, fromBase64(key).length];
    if (saltBytes < LEAST_SALT_BYTES || saltBytes > MOST_SALT_OR_KEY_BYTES) {
      return `The argon2 salt must have ${LEAST_SALT_BYTES} to ${MOST_SALT_OR_KEY_BYTES} bytes.`;
    }
    return keyBytes < LEAST_KEY_BYTES || keyBytes > MOST_SALT_OR_KEY_BYTES
      ? `The argon2 key must have ${LEAST_KEY_BYTES} to ${MOST_SALT_OR_KEY_BYTES} bytes.`
      : undefined;
  },
};
