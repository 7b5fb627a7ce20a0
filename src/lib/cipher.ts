// Authenticated encryption of what is handed out or stored and must come back unread and unchanged.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

export interface Sealer {
  /** Encrypts text; the result is base64url and differs each time. */
  seal(plain: string): string;
  /** The text, or undefined where it was not sealed for this purpose with one of the secrets, or was changed. */
  open(sealed: string): string | undefined;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of every sealed value, so that another construction can follow one day. */
const VERSION = 1;

/**
 * AES-256-GCM with a key per purpose (HKDF-SHA-256, RFC 5869): what was sealed for one purpose opens for no other.
 * The first secret seals, all open, so that secrets can be rotated.
 */
export function createSealer(secrets: readonly string[], purpose: string): Sealer {
  // Key objects, because with plain bytes each call takes 12 µs instead of 4.
  const keys = secrets.map((secret) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `bia ${purpose}`, 32))),
  );
  const [sealingKey] = keys;
  if (!sealingKey) throw new Error(`no secret for ${purpose}`);
  return {
    seal: (plain) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined;
      // The decoder skips what is no base64url: without this many texts would open as the same value.
      if (bytes.toString('base64url') !== sealed) return undefined;
      for (const key of keys) {
        const plain = tryOpen(key, bytes);
        if (plain !== undefined) return plain;
      }
      return undefined;
    },
  };
}

/** Whether a text has the form of a sealed one, whoever sealed it. */
export function isSealedText(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url');
  return (
    bytes.length >= 1 + NONCE_BYTES + TAG_BYTES &&
    bytes[0] === VERSION &&
    bytes.toString('base64url') === text
  );
}

function tryOpen(key: KeyObject, bytes: Buffer): string | undefined {
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tag);
  try {
    const body = bytes.subarray(1 + NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return undefined; // another key, another purpose, or changed on the way
  }
}
