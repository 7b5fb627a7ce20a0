import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { hChaCha20, openProviderToken } from './provider-tokens.ts';

const KEY = 'a-secret-of-thirty-two-bytes-001';

test('the key of XChaCha20 is that of the draft', () => {
  // draft-irtf-cfrg-xchacha-03, section 2.2.1
  const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
  const nonce = Buffer.from('000000090000004a0000000031415927', 'hex');
  assert.equal(
    hChaCha20(key, nonce).toString('hex'),
    '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc',
  );
});

function sealAes(text: string, key = KEY): string {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12, 7));
  const body = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([Buffer.alloc(12, 7), body, cipher.getAuthTag()]).toString('hex');
}

test('a token opens under any of the secrets, and not under another', () => {
  const sealed = sealAes('a token');
  const old = 'another-secret-of-32-bytes-00002';
  assert.equal(openProviderToken(sealed, { algorithm: 'aes', secrets: [old, KEY] }), 'a token');
  assert.equal(openProviderToken(sealed, { algorithm: 'aes', secrets: [old] }), undefined);
  assert.equal(openProviderToken(sealed, { algorithm: 'aes', secrets: ['short'] }), undefined);
  assert.equal(openProviderToken(sealed, { algorithm: 'xchacha20-poly1305', secrets: [KEY] }), undefined);
});

test('what was changed, cut short or never sealed opens as nothing', () => {
  const sealed = sealAes('a token');
  const of = { algorithm: 'aes', secrets: [KEY] } as const;
  assert.equal(openProviderToken(`00${sealed.slice(2)}`, of), undefined);
  assert.equal(openProviderToken(sealed.slice(0, 40), of), undefined);
  assert.equal(openProviderToken('no hex', of), undefined);
  assert.equal(openProviderToken('', of), '');
  assert.equal(
    openProviderToken(Buffer.from('plain').toString('hex'), { ...of, algorithm: 'noop' }),
    'plain',
  );
});
