// Salted and keyed digests of other systems (SSHA, SHA and MD5 with a pattern, HMAC): weak, but people's old passwords.
import { createHash, createHmac } from 'node:crypto';
import { equalBytes, fromBase64, type HashFormat } from '../format.ts';

/** Padded base64, nothing else: what Node would skip in silence is refused. */
const BASE64 = '((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)';

const DIGEST_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };
const digest = (algorithm: string, bytes: Uint8Array): Buffer => createHash(algorithm).update(bytes).digest();

const SSHA = new RegExp(`^\\{SSHA(256|512)?\\}${BASE64}$`);

/** Digest and then salt, in one base64 text, as LDAP directories keep it (RFC 2307 and its successors). */
const ssha: HashFormat = {
  prefix: /^\{SSHA(?:256|512)?\}/,
  verify: async (password, encoded) => {
    const parts = sshaParts(encoded);
    if (!parts) return false;
    return equalBytes(
      digest(parts.algorithm, Buffer.concat([Buffer.from(password), parts.salt])),
      parts.expected,
    );
  },
  fault: (encoded) =>
    sshaParts(encoded)
      ? undefined
      : 'The SSHA hash cannot be read; expected base64 of a digest and a salt behind it.',
};

function sshaParts(encoded: string): { algorithm: string; expected: Buffer; salt: Buffer } | undefined {
  const [, bits = '1', body] = SSHA.exec(encoded) ?? [];
  const algorithm = `sha${bits}`;
  const bytes = fromBase64(body);
  const size = DIGEST_BYTES[algorithm] ?? 0;
  if (bytes.length <= size) return undefined;
  return { algorithm, expected: bytes.subarray(0, size), salt: bytes.subarray(size) };
}

const PATTERNED = new RegExp(`^\\$(sha1|sha256|sha512|md5)\\$pf=${BASE64}\\$${BASE64}\\$${BASE64}$`);
const PLAIN_MD5 = new RegExp(`^\\$(md5)\\$${BASE64}$`);

/** One digest over a text; its pattern says where salt and password stand in it. */
const patterned: HashFormat = {
  prefix: /^\$(?:sha1|sha256|sha512|md5)\$/,
  verify: async (password, encoded) => {
    const parts = patternParts(encoded);
    return parts !== undefined && equalBytes(digest(parts.algorithm, fill(parts, password)), parts.expected);
  },
  fault: (encoded) => {
    const parts = patternParts(encoded);
    if (!parts)
      return 'The hash cannot be read; expected $algorithm$pf=pattern$salt$hash, each in padded base64.';
    if (!parts.pattern.includes('{PASSWORD}')) return 'The pattern of the hash does not hold {PASSWORD}.';
    const size = DIGEST_BYTES[parts.algorithm];
    return parts.expected.length === size
      ? undefined
      : `The hash does not have the ${size} bytes of its algorithm.`;
  },
};

interface PatternParts {
  readonly algorithm: string;
  readonly pattern: string;
  readonly salt: Buffer;
  readonly expected: Buffer;
}

function patternParts(encoded: string): PatternParts | undefined {
  const plain = PLAIN_MD5.exec(encoded);
  if (plain) {
    return { algorithm: 'md5', pattern: '{PASSWORD}', salt: Buffer.of(), expected: fromBase64(plain[2]) };
  }
  const match = PATTERNED.exec(encoded);
  if (!match) return undefined;
  const [, algorithm = '', pattern, salt, hash] = match;
  return {
    algorithm,
    // Letter for byte, so that bytes which are no UTF-8 stay as they are.
    pattern: fromBase64(pattern).toString('latin1'),
    salt: fromBase64(salt),
    expected: fromBase64(hash),
  };
}

/** One pass: a password that reads "{SALT}" is text. */
function fill({ pattern, salt }: PatternParts, password: string): Buffer {
  const parts = pattern.split(/(\{SALT\}|\{PASSWORD\})/).map((part) => {
    if (part === '{SALT}') return salt;
    return part === '{PASSWORD}' ? Buffer.from(password) : Buffer.from(part, 'latin1');
  });
  return Buffer.concat(parts);
}

const HMAC = new RegExp(`^\\$hmac-(md4|md5|sha1|sha224|sha256|sha384|sha512)\\$${BASE64}\\$${BASE64}$`);
const HMAC_HEX = /^(?:[0-9a-f]{2})+$/;

/** The hash is base64 of the digest in hexadecimal (docs/protocol/platform.md section 5). */
const hmac: HashFormat = {
  prefix: /^\$hmac-(?:md4|md5|sha1|sha224|sha256|sha384|sha512)\$/,
  verify: async (password, encoded) => {
    const match = HMAC.exec(encoded);
    if (!match) return false;
    const [, algorithm = '', hash, key] = match;
    return equalBytes(Buffer.from(await hmacHex(algorithm, fromBase64(key), password)), fromBase64(hash));
  },
  fault: (encoded) => {
    const match = HMAC.exec(encoded);
    if (!match)
      return 'The HMAC hash cannot be read; expected $hmac-algorithm$hash$key, both in padded base64.';
    return HMAC_HEX.test(fromBase64(match[2]).toString('latin1'))
      ? undefined
      : 'The HMAC hash must be base64 of lower-case hexadecimal digits.';
  },
};

async function hmacHex(algorithm: string, key: Buffer, password: string): Promise<string> {
  if (algorithm !== 'md4') return createHmac(algorithm, key).update(password).digest('hex');
  // OpenSSL 3 no longer offers it. Loaded for the first such hash, which most installations never see.
  const { createHMAC, createMD4 } = await import('hash-wasm');
  return (await createHMAC(createMD4(), key)).update(password).digest('hex');
}

export const DIGEST_FORMATS: readonly HashFormat[] = [ssha, patterned, hmac];
