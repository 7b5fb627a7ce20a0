import assert from 'node:assert/strict';
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createKratosCookies } from './kratos-cookie.ts';

const NAME = 'ory_kratos_session';
const SECRET = 'a-cookie-secret-of-2026';
const OLD_SECRET = 'a-cookie-secret-of-2023';
const NOW_MS = Date.UTC(2030, 0, 1);
const TOKEN = `ory_st_${'x'.repeat(32)}`;
const clock = { nowMs: () => NOW_MS };

const cookies = createKratosCookies({
  name: NAME,
  secrets: [SECRET, OLD_SECRET],
  maxAgeMs: 86_400_000,
  clock,
});

interface Sealing {
  readonly secret?: string;
  readonly name?: string;
  readonly atMs?: number;
  readonly texts?: readonly string[];
  readonly tail?: Buffer;
}

/** As Kratos does it: gob, AES-CTR, HMAC. */
function seal({
  secret = SECRET,
  name = NAME,
  atMs = NOW_MS,
  texts,
  tail = Buffer.alloc(0),
}: Sealing = {}): string {
  const plain = Buffer.concat([
    Buffer.from('0dff81040102ff8200011001100000', 'hex'),
    Buffer.from([0x7f, 0xff, 0x82, 0, 3]),
    ...(texts ?? ['nonce', 'abcdefgh', 'session_token', TOKEN, 'expires_at', '2031-01-01T00:00:00Z']).map(
      gobText,
    ),
    tail,
  ]);
  const iv = Buffer.alloc(16, 3);
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(secret).digest(), iv);
  const padded = (bytes: Buffer): string =>
    bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  const body = padded(Buffer.concat([iv, cipher.update(plain), cipher.final()]));
  const time = String(Math.floor(atMs / 1000));
  const mac = createHmac('sha256', secret).update(`${name}|${time}|${body}`).digest();
  return padded(Buffer.concat([Buffer.from(`${time}|${body}|`), mac]));
}

function gobText(text: string): Buffer {
  const head = Buffer.from('\u0006string\u000c', 'latin1');
  return Buffer.concat([head, Buffer.from([text.length + 2, 0, text.length]), Buffer.from(text)]);
}

test('a cookie of Kratos opens under any of its secrets, whatever the order of its members', () => {
  assert.equal(cookies.open(seal()), TOKEN);
  assert.equal(cookies.open(seal({ secret: OLD_SECRET })), TOKEN);
  assert.equal(cookies.open(seal({ texts: ['session_token', TOKEN] })), TOKEN);
});

test('a cookie of Kratos that was sealed otherwise, for another name, or too long ago opens as nothing', () => {
  assert.equal(cookies.open(seal({ secret: 'some-other-secret-0001' })), undefined);
  assert.equal(cookies.open(seal({ name: 'another_cookie' })), undefined);
  assert.equal(cookies.open(seal({ atMs: NOW_MS - 86_401_000 })), undefined);
  assert.equal(cookies.open(seal({ atMs: NOW_MS + 3_600_000 })), undefined);
  assert.equal(
    createKratosCookies({ name: NAME, secrets: [], maxAgeMs: 1e9, clock }).open(seal()),
    undefined,
  );
});

test('a cookie of Kratos that was changed anywhere opens as nothing', () => {
  const bytes = Buffer.from(seal(), 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const forged = Buffer.from(bytes);
    forged[at] = (forged[at] ?? 0) ^ 1;
    assert.equal(cookies.open(forged.toString('base64url')), undefined, `byte ${at}`);
  }
});

test('what is no cookie of Kratos opens as nothing', () => {
  const strange = [
    '',
    '|',
    '||',
    'x'.repeat(5_000),
    Buffer.from(`1|2|${'m'.repeat(32)}`).toString('base64url'),
  ];
  for (const value of strange) assert.equal(cookies.open(value), undefined);
  for (const texts of [[], ['session_token'], ['session_token', ''], ['nonce', 'abcdefgh']]) {
    assert.equal(cookies.open(seal({ texts })), undefined, JSON.stringify(texts));
  }
  assert.equal(cookies.open(seal({ tail: Buffer.from('\u0006string\u000c\u00ff', 'latin1') })), undefined);
  assert.equal(cookies.open(seal({ tail: Buffer.from('more') })), undefined);
});
