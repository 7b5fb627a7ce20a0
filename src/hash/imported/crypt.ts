// The password schemes of Unix crypt(3): MD5 ($1$), SHA-256 ($5$) and SHA-512 ($6$), computed and nothing else.
import { createHash, hash } from 'node:crypto';

export interface CryptJob {
  readonly scheme: 'md5' | 'sha256' | 'sha512';
  readonly password: string;
  readonly salt: string;
  /** Ignored by the MD5 scheme, which always takes 1000. */
  readonly rounds: number;
}

/** The last part of the encoded hash, in the alphabet of crypt(3). About 1 µs a round. */
export function crypt(job: CryptJob): string {
  return job.scheme === 'md5' ? cryptMd5(job) : cryptSha(job, job.scheme);
}

type Algorithm = CryptJob['scheme'];

const digest = (algorithm: Algorithm, ...parts: readonly Uint8Array[]): Buffer => {
  const sum = createHash(algorithm);
  for (const part of parts) sum.update(part);
  return sum.digest();
};

/** `source`, again and again, up to `sizeBytes`. */
const stretched = (source: Buffer, sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, source);

/** One part for each binary digit of `length`, the lowest first. */
const byBits = (length: number, part: (isSet: boolean) => Buffer): Buffer[] => {
  const parts: Buffer[] = [];
  for (let rest = length; rest > 0; rest >>= 1) parts.push(part((rest & 1) === 1));
  return parts;
};

/** The scheme that FreeBSD introduced in 1994. */
function cryptMd5({ password, salt: saltText }: CryptJob): string {
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText);
  const mixed = digest('md5', key, salt, key);
  const first = digest(
    'md5',
    key,
    Buffer.from('$1$'),
    salt,
    ...(key.length > 0 ? [stretched(mixed, key.length)] : []),
    ...byBits(key.length, (isSet) => (isSet ? Buffer.of(0) : key.subarray(0, 1))),
  );
  const last = runRounds('md5', { start: first, key, salt, rounds: 1000 });
  return letters(last, MD5_ORDER);
}

/** "Unix crypt using SHA-256 and SHA-512" (U. Drepper, 2007). */
function cryptSha({ password, salt: saltText, rounds }: CryptJob, algorithm: 'sha256' | 'sha512'): string {
  const key = Buffer.from(password);
  const salt = Buffer.from(saltText);
  const mixed = digest(algorithm, key, salt, key);
  const first = digest(
    algorithm,
    key,
    salt,
    ...(key.length > 0 ? [stretched(mixed, key.length)] : []),
    ...byBits(key.length, (isSet) => (isSet ? mixed : key)),
  );
  const keyDigest = digest(algorithm, ...Array.from({ length: key.length }, () => key));
  const saltDigest = digest(algorithm, ...Array.from({ length: 16 + (first[0] ?? 0) }, () => salt));
  const last = runRounds(algorithm, {
    start: first,
    key: stretched(keyDigest, key.length),
    salt: stretched(saltDigest, salt.length),
    rounds,
  });
  return letters(last, algorithm === 'sha256' ? SHA256_ORDER : SHA512_ORDER);
}

interface Rounds {
  readonly start: Buffer;
  readonly key: Buffer;
  readonly salt: Buffer;
  readonly rounds: number;
}

/** Both families stretch in the same way; they differ in what they call key and salt here. */
function runRounds(algorithm: Algorithm, { start, key, salt, rounds }: Rounds): Buffer {
  const input = Buffer.alloc(start.length + 2 * key.length + salt.length);
  let current = start;
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = (round & 1) === 1;
    let size = (isOdd ? key : current).copy(input);
    if (round % 3 !== 0) size += salt.copy(input, size);
    if (round % 7 !== 0) size += key.copy(input, size);
    size += (isOdd ? current : key).copy(input, size);
    current = hash(algorithm, input.subarray(0, size), 'buffer');
  }
  return current;
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Three bytes make four letters, the lowest six bits first; which bytes go together is a whim of each scheme. */
function letters(bytes: Buffer, order: readonly (readonly number[])[]): string {
  let out = '';
  for (const group of order) {
    let value = 0;
    for (const index of group) value = value * 256 + (bytes[index] ?? 0);
    for (let left = group.length + 1; left > 0; left -= 1, value >>= 6) out += ALPHABET[value & 63];
  }
  return out;
}

const MD5_ORDER = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]] as const;

/** Triples `k, k+step, k+2·step`, each turned one place further than the one before. */
function turning(step: number, turn: number): readonly (readonly number[])[] {
  return Array.from({ length: step }, (_, k) => {
    const triple = [k, k + step, k + 2 * step];
    return [0, 1, 2].map((place) => triple[(place + k * turn) % 3] ?? 0);
  });
}
const SHA256_ORDER = [...turning(10, 2), [31, 30]];
const SHA512_ORDER = [...turning(21, 1), [63]];
