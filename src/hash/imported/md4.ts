// MD4 (RFC 1320), only to check HMAC-MD4 hashes of imported accounts: OpenSSL 3 no longer offers it.

const BLOCK_BYTES = 64;
const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

const ROUNDS = [
  {
    mix: (x: number, y: number, z: number): number => (x & y) | (~x & z),
    add: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x: number, y: number, z: number): number => (x & y) | (x & z) | (y & z),
    add: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (x: number, y: number, z: number): number => x ^ y ^ z,
    add: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
] as const;

/** The 16 bytes of the digest. */
export function md4(message: Uint8Array): Buffer {
  const blocks = padded(message);
  let state: readonly [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES) {
    let [a, b, c, d] = state;
    for (const { mix, add, order, shifts } of ROUNDS) {
      for (const [step, word] of order.entries()) {
        const sum = (a + mix(b, c, d) + blocks.readUInt32LE(at + word * 4) + add) | 0;
        // The four registers take turns; the one just computed becomes the second.
        [a, b, c, d] = [d, rotate(sum, shifts[step % 4] ?? 0), b, c];
      }
    }
    state = [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
  }
  const out = Buffer.alloc(16);
  for (const [index, word] of state.entries()) out.writeInt32LE(word, index * 4);
  return out;
}

/** HMAC (RFC 2104) over MD4. */
export function hmacMd4(key: Uint8Array, message: Uint8Array): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? md4(key) : key);
  const inner = md4(Buffer.concat([block.map((byte) => byte ^ 0x36), message]));
  return md4(Buffer.concat([block.map((byte) => byte ^ 0x5c), inner]));
}

/** A one bit, zeros, and the length in bits: a whole number of blocks. */
function padded(message: Uint8Array): Buffer {
  const sizeBytes = Math.ceil((message.length + 9) / BLOCK_BYTES) * BLOCK_BYTES;
  const out = Buffer.alloc(sizeBytes);
  out.set(message);
  out[message.length] = 0x80;
  out.writeBigUInt64LE(BigInt(message.length) * 8n, sizeBytes - 8);
  return out;
}
