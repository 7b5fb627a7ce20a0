// Key derivation functions that other systems use: PBKDF2, scrypt and Firebase's scrypt. All run in Node's thread pool.
import { createCipheriv, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { equalBytes, fromBase64, type HashFormat, isWithin } from '../format.ts';

const derivePbkdf2 = promisify(pbkdf2);

/** No system derives longer keys, and each further block costs all the iterations again. */
const MOST_KEY_BYTES = 256;
const isKey = (text: string | undefined): boolean => {
  const size = fromBase64(text).length;
  return size > 0 && size <= MOST_KEY_BYTES;
};

const PBKDF2 = /^\$pbkdf2-(sha\d{1,3})\$i=(\d+),l=(\d+)\$([A-Za-z0-9+/]*)={0,2}\$([A-Za-z0-9+/]+)={0,2}$/;
const MOST_PBKDF2_ITERATIONS = 10_000_000;
/** In this format 224 and 384 mean SHA-3, and what is unknown means SHA-256 (docs/protocol/platform.md section 5). */
const PBKDF2_DIGEST: Readonly<Record<string, string>> = {
  sha1: 'sha1',
  sha224: 'sha3-224',
  sha256: 'sha256',
  sha384: 'sha3-384',
  sha512: 'sha512',
};

const pbkdf2Format: HashFormat = {
  prefix: /^\$pbkdf2-sha\d{1,3}\$/,
  verify: async (password, encoded) => {
    const match = PBKDF2.exec(encoded);
    if (!match) return false;
    const [, digest = '', iterations, , salt, key] = match;
    const expected = fromBase64(key);
    const name = PBKDF2_DIGEST[digest] ?? 'sha256';
    return equalBytes(
      await derivePbkdf2(password, fromBase64(salt), Number(iterations), expected.length, name),
      expected,
    );
  },
  fault: (encoded) => {
    const match = PBKDF2.exec(encoded);
    if (!match) return 'The PBKDF2 hash cannot be read; expected $pbkdf2-sha256$i=...,l=...$salt$key.';
    const [, , iterations, , , key] = match;
    if (!isWithin(iterations, 1, MOST_PBKDF2_ITERATIONS)) {
      return `The PBKDF2 iterations (i) must be 1 to ${MOST_PBKDF2_ITERATIONS}.`;
    }
    return isKey(key) ? undefined : `The PBKDF2 key must have 1 to ${MOST_KEY_BYTES} bytes.`;
  },
};

interface ScryptParameters {
  readonly costN: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

/** Undefined where OpenSSL refuses the parameters. */
function deriveScrypt(
  password: string,
  of: ScryptParameters & { readonly salt: Buffer; readonly keyBytes: number },
): Promise<Buffer | undefined> {
  const { costN: N, blockSize: r, parallelism: p } = of;
  // RFC 7914 section 2: 128·r·N for the big vector and 128·r·p for the blocks; the rest is slack for the implementation.
  const maxmem = 128 * r * (N + p) + 1024 * 1024;
  return new Promise((resolve) => {
    try {
      scrypt(password, of.salt, of.keyBytes, { N, r, p, maxmem }, (error, key) =>
        resolve(error ? undefined : key),
      );
    } catch {
      resolve(undefined); // wrong parameters are thrown, not handed to the callback
    }
  });
}

const SCRYPT = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]*={0,2})\$([A-Za-z0-9+/]+={0,2})$/;
/** Bounds of docs/protocol/platform.md section 5: together 128 MiB at most. */
const MOST_LOG_N = 17;
const MOST_BLOCK_SIZE = 8;
const MOST_SCRYPT_PARALLELISM = 10;

const isPowerOfTwo = (n: number): boolean => n > 1 && Number.isInteger(Math.log2(n));

function scryptFault(r: string | undefined, p: string | undefined): string | undefined {
  if (!isWithin(r, 1, MOST_BLOCK_SIZE))
    return `The block size (r) of scrypt must be 1 to ${MOST_BLOCK_SIZE}.`;
  return isWithin(p, 1, MOST_SCRYPT_PARALLELISM)
    ? undefined
    : `The parallelism (p) of scrypt must be 1 to ${MOST_SCRYPT_PARALLELISM}.`;
}

/** `ln` holds N itself here, whatever its name says (docs/protocol/platform.md section 5). */
const scryptFormat: HashFormat = {
  prefix: /^\$scrypt\$/,
  verify: async (password, encoded) => {
    const match = SCRYPT.exec(encoded);
    if (!match) return false;
    const [, n, r, p, salt, key] = match;
    const expected = fromBase64(key);
    const derived = await deriveScrypt(password, {
      costN: Number(n),
      blockSize: Number(r),
      parallelism: Number(p),
      salt: fromBase64(salt),
      keyBytes: expected.length,
    });
    return derived !== undefined && equalBytes(derived, expected);
  },
  fault: (encoded) => {
    const match = SCRYPT.exec(encoded);
    if (!match) return 'The scrypt hash cannot be read; expected $scrypt$ln=N,r=...,p=...$salt$key.';
    const [, n, r, p, , key] = match;
    if (!isWithin(n, 2, 2 ** MOST_LOG_N) || !isPowerOfTwo(Number(n))) {
      return `The cost (ln, which is N itself) of scrypt must be a power of two, at most ${2 ** MOST_LOG_N}.`;
    }
    return (
      scryptFault(r, p) ?? (isKey(key) ? undefined : `The scrypt key must have 1 to ${MOST_KEY_BYTES} bytes.`)
    );
  },
};

const FIREBASE =
  /^\$firescrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]*={0,2})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]*={0,2})\$([A-Za-z0-9+/]+={0,2})$/;

/** Firebase encrypts its signer key with what scrypt derives, and keeps the result. */
const firebaseFormat: HashFormat = {
  prefix: /^\$firescrypt\$/,
  verify: async (password, encoded) => {
    const match = FIREBASE.exec(encoded);
    if (!match) return false;
    const [, ln, r, p, salt, hash, separator, signerKey] = match;
    const key = await deriveScrypt(password, {
      costN: 2 ** Number(ln),
      blockSize: Number(r),
      parallelism: Number(p),
      salt: Buffer.concat([fromBase64(salt), fromBase64(separator)]),
      keyBytes: 32,
    });
    if (!key) return false;
    const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
    return equalBytes(
      Buffer.concat([cipher.update(fromBase64(signerKey)), cipher.final()]),
      fromBase64(hash),
    );
  },
  fault: (encoded) => {
    const match = FIREBASE.exec(encoded);
    if (!match) {
      return 'The Firebase hash cannot be read; expected $firescrypt$ln=...,r=...,p=...$salt$hash$separator$key.';
    }
    const [, ln, r, p, , hash, , signerKey] = match;
    if (!isWithin(ln, 1, MOST_LOG_N)) return `The cost (ln) of Firebase scrypt must be 1 to ${MOST_LOG_N}.`;
    if (fromBase64(hash).length !== fromBase64(signerKey).length) {
      return 'The Firebase hash must be as long as the signer key.';
    }
    return scryptFault(r, p);
  },
};

export const KDF_FORMATS: readonly HashFormat[] = [pbkdf2Format, scryptFormat, firebaseFormat];
