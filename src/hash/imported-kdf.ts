// Key derivation functions that other systems use: PBKDF2, scrypt and Firebase's scrypt.
import { createCipheriv, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { type DigestFormat, equalBytes } from './imported-digest.ts';

const derivePbkdf2 = promisify(pbkdf2);
const base64 = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');

const PBKDF2 = /^\$pbkdf2-(sha\d+)\$i=(\d+),l=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** In this format 224 and 384 mean SHA-3 (contract/platform.md section 5). */
const PBKDF2_DIGEST: Readonly<Record<string, string>> = {
  sha1: 'sha1',
  sha224: 'sha3-224',
  sha256: 'sha256',
  sha384: 'sha3-384',
  sha512: 'sha512',
};

const pbkdf2Format: DigestFormat = {
  prefix: /^\$pbkdf2-/,
  verify: async (password, encoded) => {
    const match = PBKDF2.exec(encoded);
    if (!match) return false;
    const [, digest = '', iterations, , salt, key] = match;
    const expected = base64(key);
    const name = PBKDF2_DIGEST[digest] ?? 'sha256';
    return equalBytes(await derivePbkdf2(password, base64(salt), Number(iterations), expected.length, name), expected);
  },
  fault: (encoded) => {
    const match = PBKDF2.exec(encoded);
    if (!match) return 'The PBKDF2 hash cannot be read; expected $pbkdf2-sha256$i=...,l=...$salt$key.';
    const iterations = Number(match[2]);
    return iterations < 1 || iterations > 10_000_000
      ? 'The PBKDF2 iterations are out of bounds (1 to 10,000,000).'
      : undefined;
  },
};

interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

function deriveScrypt(
  password: string,
  of: ScryptParameters & { readonly salt: Buffer; readonly keyBytes: number },
): Promise<Buffer> {
  const maxmem = 256 * of.N * of.r + 1024 * 1024;
  return new Promise((resolve, reject) =>
    scrypt(password, of.salt, of.keyBytes, { N: of.N, r: of.r, p: of.p, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
}

const isPowerOfTwo = (n: number): boolean => n > 1 && Number.isInteger(Math.log2(n));

const SCRYPT = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

const scryptFormat: DigestFormat = {
  prefix: /^\$scrypt\$/,
  verify: async (password, encoded) => {
    const match = SCRYPT.exec(encoded);
    if (!match) return false;
    const [, n, r, p, salt, key] = match;
    const expected = base64(key);
    const parameters = { N: Number(n), r: Number(r), p: Number(p), salt: base64(salt), keyBytes: expected.length };
    return equalBytes(await deriveScrypt(password, parameters), expected);
  },
  fault: (encoded) => {
    const match = SCRYPT.exec(encoded);
    if (!match) return 'The scrypt hash cannot be read; expected $scrypt$ln=N,r=...,p=...$salt$key.';
    const [, n, r, p] = match.map(Number);
    const isBound = isPowerOfTwo(n ?? 0) && (n ?? 0) <= 131_072 && (r ?? 0) >= 1 && (r ?? 0) <= 8;
    return isBound && (p ?? 0) >= 1 && (p ?? 0) <= 10 ? undefined : 'The scrypt parameters are out of bounds.';
  },
};

const FIREBASE =
  /^\$firescrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/=]*)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]*)\$([A-Za-z0-9+/=]+)$/;

/** Firebase encrypts its signer key with what scrypt derives, and keeps the result. */
const firebaseFormat: DigestFormat = {
  prefix: /^\$firescrypt\$/,
  verify: async (password, encoded) => {
    const match = FIREBASE.exec(encoded);
    if (!match) return false;
    const [, ln, r, p, salt, hash, separator, signerKey] = match;
    const key = await deriveScrypt(password, {
      N: 2 ** Number(ln),
      r: Number(r),
      p: Number(p),
      salt: Buffer.concat([base64(salt), base64(separator)]),
      keyBytes: 32,
    });
    const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
    return equalBytes(Buffer.concat([cipher.update(base64(signerKey)), cipher.final()]), base64(hash));
  },
  fault: (encoded) => {
    const match = FIREBASE.exec(encoded);
    if (!match) return 'The Firebase hash cannot be read.';
    const isBound = Number(match[1]) >= 1 && Number(match[1]) <= 17 && Number(match[2]) <= 8 && Number(match[3]) <= 10;
    return isBound ? undefined : 'The Firebase scrypt parameters are out of bounds.';
  },
};

export const KDF_FORMATS: readonly DigestFormat[] = [pbkdf2Format, scryptFormat, firebaseFormat];
