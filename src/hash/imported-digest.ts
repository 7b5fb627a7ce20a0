// Salted and keyed digests (SSHA, SHA and MD5 with a pattern, HMAC): weak, but people's old passwords.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface DigestFormat {
  readonly prefix: RegExp;
  readonly verify: (password: string, encoded: string) => Promise<boolean>;
  readonly fault?: (encoded: string) => string | undefined;
}

const base64 = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');

export function equalBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}

/** The text to digest: a pattern names where salt and password go, the default is salt first. */
function fillPattern(pattern: string | undefined, of: { readonly salt: Buffer; readonly password: string }): Buffer {
  const template = pattern === undefined ? '{SALT}{PASSWORD}' : base64(pattern).toString();
  const parts = template.split(/(\{SALT\}|\{PASSWORD\})/).map((part) => {
    if (part === '{SALT}') return of.salt;
    return part === '{PASSWORD}' ? Buffer.from(of.password) : Buffer.from(part);
  });
  return Buffer.concat(parts);
}

const ssha: DigestFormat = {
  prefix: /^\{SSHA(?:256|512)?\}/,
  verify: (password, encoded) => {
    const [, bits = '1', body] = /^\{SSHA(256|512)?\}(.*)$/s.exec(encoded) ?? [];
    const algorithm = bits === '1' ? 'sha1' : `sha${bits}`;
    const bytes = base64(body);
    const size = createHash(algorithm).digest().length;
    const digest = createHash(algorithm).update(password).update(bytes.subarray(size)).digest();
    return Promise.resolve(equalBytes(digest, bytes.subarray(0, size)));
  },
  fault: (encoded) => {
    const size = encoded.startsWith('{SSHA256}') ? 32 : encoded.startsWith('{SSHA512}') ? 64 : 20;
    const bytes = base64(encoded.slice(encoded.indexOf('}') + 1));
    return bytes.length > size ? undefined : 'The SSHA hash holds no salt.';
  },
};

const PATTERNED = /^\$(sha1|sha256|sha512|md5)\$pf=([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]*)\$([A-Za-z0-9+/=]+)$/;

const patterned: DigestFormat = {
  prefix: /^\$(?:sha1|sha256|sha512|md5)\$/,
  verify: (password, encoded) => {
    const plain = /^\$md5\$([A-Za-z0-9+/=]+)$/.exec(encoded);
    if (plain) {
      return Promise.resolve(equalBytes(createHash('md5').update(password).digest(), base64(plain[1])));
    }
    const match = PATTERNED.exec(encoded);
    if (!match) return Promise.resolve(false);
    const [, algorithm = '', pattern, salt, hash] = match;
    const text = fillPattern(pattern, { salt: base64(salt), password });
    return Promise.resolve(equalBytes(createHash(algorithm).update(text).digest(), base64(hash)));
  },
  fault: (encoded) =>
    PATTERNED.test(encoded) || /^\$md5\$[A-Za-z0-9+/=]+$/.test(encoded) ? undefined : 'The hash cannot be read.',
};

const HMAC = /^\$hmac-(md5|sha1|sha224|sha256|sha384|sha512)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

const hmac: DigestFormat = {
  prefix: /^\$hmac-/,
  verify: (password, encoded) => {
    const match = HMAC.exec(encoded);
    if (!match) return Promise.resolve(false);
    const [, algorithm = '', hash, key] = match;
    const digest = createHmac(algorithm, base64(key)).update(password).digest('hex');
    return Promise.resolve(equalBytes(Buffer.from(digest), base64(hash)));
  },
  fault: (encoded) => (HMAC.test(encoded) ? undefined : 'The HMAC hash cannot be read.'),
};

export const DIGEST_FORMATS: readonly DigestFormat[] = [ssha, patterned, hmac];
