// Opens session cookies that Kratos sealed, so that its browsers stay signed in after a move. It makes none.
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';

export interface KratosCookies {
  /** The session token in a cookie; undefined where it was not sealed with one of the secrets, was changed, or is too old. */
  open(value: string): string | undefined;
}

/** Kratos writes no larger ones. */
const MOST_BYTES = 4096;
const MAC_BYTES = 32;
const IV_BYTES = 16;
/** A clock of another machine may run ahead a little. */
const AHEAD_MS = 60_000;

/**
 * base64url of `TIME|BODY|MAC`: the time in seconds, AES-256-CTR of a map (base64url), and HMAC-SHA-256 over
 * `NAME|TIME|BODY`. The MAC is checked before anything is decrypted.
 */
export function createKratosCookies(of: {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly maxAgeMs: number;
  readonly clock: Clock;
}): KratosCookies {
  const keys = of.secrets.map((secret) => ({
    mac: secret,
    body: createHash('sha256').update(secret).digest(),
  }));
  return {
    open: (value) => {
      if (value.length > MOST_BYTES) return undefined;
      const parts = split(Buffer.from(value, 'base64url'));
      if (!parts || parts.mac.length !== MAC_BYTES) return undefined;
      const signed = `${of.name}|${parts.time}|${parts.body}`;
      const key = keys.find(({ mac }) =>
        timingSafeEqual(createHmac('sha256', mac).update(signed).digest(), parts.mac),
      );
      const ageMs = of.clock.nowMs() - Number(parts.time) * 1000;
      if (!key || ageMs > of.maxAgeMs || ageMs < -AHEAD_MS) return undefined;
      return tokenIn(decrypt(Buffer.from(parts.body, 'base64url'), key.body));
    },
  };
}

interface Parts {
  readonly time: string;
  readonly body: string;
  readonly mac: Buffer;
}

/** At the first two bars: the MAC may hold others. */
function split(raw: Buffer): Parts | undefined {
  const first = raw.indexOf('|');
  const second = raw.indexOf('|', first + 1);
  if (first < 1 || second < 0) return undefined;
  const time = raw.toString('latin1', 0, first);
  if (!/^\d{1,12}$/.test(time)) return undefined;
  return { time, body: raw.toString('latin1', first + 1, second), mac: raw.subarray(second + 1) };
}

function decrypt(body: Buffer, key: Buffer): Buffer {
  if (body.length <= IV_BYTES) return Buffer.alloc(0);
  const decipher = createDecipheriv('aes-256-ctr', key, body.subarray(0, IV_BYTES));
  return Buffer.concat([decipher.update(body.subarray(IV_BYTES)), decipher.final()]);
}

/** Before each text stands the name of its type with its length, and the number of that type. */
const TEXT = Buffer.from('\u0006string\u000c', 'latin1');
const TOKEN_NAME = 'session_token';
const MOST_TEXTS = 32;

/** The member `session_token` of a map of texts as Go's gob writes it: after the type, length, a zero byte, length, text. */
function tokenIn(plain: Buffer): string | undefined {
  const texts: string[] = [];
  let at = plain.indexOf(TEXT);
  while (at >= 0 && texts.length < MOST_TEXTS) {
    if (!plain.subarray(at, at + TEXT.length).equals(TEXT)) return undefined;
    // All texts are shorter than 128 bytes, so that each length is one byte.
    const length = plain[at + TEXT.length + 2];
    const start = at + TEXT.length + 3;
    if (length === undefined || length > 127 || start + length > plain.length) return undefined;
    texts.push(plain.toString('utf8', start, start + length));
    at = start + length;
    if (at === plain.length) break;
  }
  for (let i = 0; i + 1 < texts.length; i += 2) if (texts[i] === TOKEN_NAME) return texts[i + 1] || undefined;
  return undefined;
}
