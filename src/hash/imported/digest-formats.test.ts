import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyStored } from './imported.ts';

/** As Kratos writes it: base64 of the digest in hexadecimal, and base64 of the key. */
const encoded = (key: string, hex: string): string =>
  `$hmac-md4$${Buffer.from(hex).toString('base64')}$${Buffer.from(key).toString('base64')}`;

/** Digests on which two implementations agree. */
const KNOWN = [
  ['a short key', 'key', 'The quick brown fox', '0e0302fac1fa250bd77c39503616711f'],
  ['a key longer than a block', 'k'.repeat(100), 'The quick brown fox', 'f80d314fa94bafc58febac7a66a8b30a'],
] as const;

for (const [name, key, text, hex] of KNOWN) {
  test(`HMAC-MD4 with ${name}`, async () => {
    assert.equal(await verifyStored(text, encoded(key, hex)), true);
    assert.equal(await verifyStored(`${text}.`, encoded(key, hex)), false);
  });
}

test('many HMAC-MD4 hashes at once do not disturb each other', async () => {
  const [, key, text, hex] = KNOWN[0];
  const tries = Array.from({ length: 50 }, (_, i) =>
    verifyStored(i % 2 ? text : `${text}${i}`, encoded(key, hex)),
  );
  assert.deepEqual(
    await Promise.all(tries),
    Array.from({ length: 50 }, (_, i) => i % 2 === 1),
  );
});
