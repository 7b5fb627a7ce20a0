import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hmacMd4, md4 } from './md4.ts';

/** RFC 1320, appendix A.5. */
const KNOWN = [
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
  ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
] as const;

for (const [text, expected] of KNOWN) {
  test(`MD4 of ${text.length} characters`, () =>
    assert.equal(md4(Buffer.from(text)).toString('hex'), expected));
}

test('HMAC-MD4 with a short and with a long key', () => {
  const text = Buffer.from('The quick brown fox');
  assert.equal(hmacMd4(Buffer.from('key'), text).toString('hex'), '0e0302fac1fa250bd77c39503616711f');
  assert.equal(
    hmacMd4(Buffer.from('k'.repeat(100)), text).toString('hex'),
    'f80d314fa94bafc58febac7a66a8b30a',
  );
});
