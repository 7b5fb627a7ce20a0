// A session cookie as Kratos seals it: gob, AES-256-CTR, HMAC-SHA-256.
import { createCipheriv, createHash, createHmac } from 'node:crypto';

export interface Sealing {
  readonly secret: string;
  readonly name?: string;
  readonly atMs: number;
  readonly texts: readonly string[];
  /** Bytes that follow the map. */
  readonly tail?: Buffer;
}

export function sealKratosCookie(of: Sealing): string {
  const plain = Buffer.concat([
    Buffer.from('0dff81040102ff8200011001100000', 'hex'),
    Buffer.from([0x7f, 0xff, 0x82, 0, of.texts.length / 2]),
    ...of.texts.map(gobText),
    of.tail ?? Buffer.alloc(0),
  ]);
  const iv = Buffer.alloc(16, 3);
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(of.secret).digest(), iv);
  const body = padded(Buffer.concat([iv, cipher.update(plain), cipher.final()]));
  const time = String(Math.floor(of.atMs / 1000));
  const signed = `${of.name ?? 'ory_kratos_session'}|${time}|${body}`;
  const mac = createHmac('sha256', of.secret).update(signed).digest();
  return padded(Buffer.concat([Buffer.from(`${time}|${body}|`), mac]));
}

/** base64url with padding. */
const padded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');

function gobText(text: string): Buffer {
  const head = Buffer.from('\u0006string\u000c', 'latin1');
  return Buffer.concat([head, Buffer.from([text.length + 2, 0, text.length]), Buffer.from(text)]);
}
