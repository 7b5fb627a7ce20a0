// Opens what Kratos encrypted in its database: the tokens of providers (docs/protocol/platform.md 7.3).
import { createDecipheriv } from 'node:crypto';

export type KratosCipher = 'noop' | 'aes' | 'xchacha20-poly1305';

const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** The text; undefined where no secret opens it. The secrets are those of `secrets.cipher`, in any order. */
export function openProviderToken(
  sealed: string,
  of: { readonly algorithm: KratosCipher; readonly secrets: readonly string[] },
): string | undefined {
  if (sealed === '') return '';
  if (!/^(?:[0-9a-f]{2})+$/i.test(sealed)) return undefined;
  const bytes = Buffer.from(sealed, 'hex');
  if (of.algorithm === 'noop') return bytes.toString('utf8');
  // Others cannot be keys; Kratos leaves them out as well.
  const keys = of.secrets.map((secret) => Buffer.from(secret)).filter(({ length }) => length === KEY_BYTES);
  for (const key of keys) {
    const opened = of.algorithm === 'aes' ? openAes(bytes, key) : openXChaCha20(bytes, key);
    if (opened !== undefined) return opened;
  }
  return undefined;
}

function openAes(bytes: Buffer, key: Buffer): string | undefined {
  return open(bytes, { nonceBytes: 12, decipher: (nonce) => createDecipheriv('aes-256-gcm', key, nonce) });
}

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): a key of its own for the first 16 bytes of the nonce, ChaCha20 with the rest. */
function openXChaCha20(bytes: Buffer, key: Buffer): string | undefined {
  return open(bytes, {
    nonceBytes: 24,
    decipher: (nonce) =>
      createDecipheriv(
        'chacha20-poly1305',
        hChaCha20(key, nonce.subarray(0, 16)),
        Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]),
        { authTagLength: TAG_BYTES },
      ),
  });
}

interface Opener {
  readonly nonceBytes: number;
  readonly decipher: (nonce: Buffer) => {
    setAuthTag(tag: Buffer): unknown;
    update(data: Buffer): Buffer;
    final(): Buffer;
  };
}

function open(bytes: Buffer, { nonceBytes, decipher: make }: Opener): string | undefined {
  if (bytes.length < nonceBytes + TAG_BYTES) return undefined;
  const decipher = make(bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const body = bytes.subarray(nonceBytes, -TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return undefined; // another key, or changed
  }
}

/** HChaCha20: the ChaCha20 block without its final addition; rows one and four are the new key. */
export function hChaCha20(key: Buffer, nonce: Buffer): Buffer {
  const state = new Uint32Array(16);
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
  for (let i = 0; i < 8; i += 1) state[4 + i] = key.readUInt32LE(4 * i);
  for (let i = 0; i < 4; i += 1) state[12 + i] = nonce.readUInt32LE(4 * i);
  for (let round = 0; round < 10; round += 1) {
    for (const [a, b, c, d] of QUARTERS) quarterRound(state, a, b, c, d);
  }
  const out = Buffer.alloc(KEY_BYTES);
  for (let i = 0; i < 4; i += 1) {
    out.writeUInt32LE(state[i] ?? 0, 4 * i);
    out.writeUInt32LE(state[12 + i] ?? 0, 16 + 4 * i);
  }
  return out;
}

/** Columns, then diagonals (RFC 8439, section 2.3). */
const QUARTERS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  const step = (sum: number, other: number, target: number, bits: number): void => {
    state[sum] = (state[sum] ?? 0) + (state[other] ?? 0);
    const mixed = (state[target] ?? 0) ^ (state[sum] ?? 0);
    state[target] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  step(a, b, d, 16);
  step(c, d, b, 12);
  step(a, b, d, 8);
  step(c, d, b, 7);
}
