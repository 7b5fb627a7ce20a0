import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sealing, sealKratosCookie } from '../../../test/support/kratos-cookie.ts';
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

const TEXTS = ['nonce', 'abcdefgh', 'session_token', TOKEN, 'expires_at', '2031-01-01T00:00:00Z'];

const seal = (of: Partial<Sealing> = {}): string =>
  sealKratosCookie({ secret: SECRET, atMs: NOW_MS, texts: TEXTS, ...of });

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
