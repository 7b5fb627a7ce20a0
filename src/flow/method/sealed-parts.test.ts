// Parts of a credential that are sealed at rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer } from '../../lib/cipher.ts';
import type { JsonObject } from '../../lib/json.ts';
import { openParts, sealParts } from './sealed-parts.ts';

const sealer = createSealer(['a secret that only tests have'], 'credential of tests');
const PATHS = ['url', 'codes.*.code', 'tokens.*'];
const config: JsonObject = {
  url: 'otpauth://totp/ada',
  codes: [{ code: 'one', used_at: '2026-01-01' }, { code: 'two' }, { code: '' }],
  tokens: { access: 'a', refresh: 'r' },
  name: 'otpauth://totp/ada',
};

test('named parts are sealed and opened, and nothing else is touched', () => {
  const sealed = sealParts(config, PATHS, sealer);
  const text = JSON.stringify({ ...sealed, name: '' });
  for (const secret of ['otpauth', '"one"', '"two"', '"a"', '"r"']) assert.ok(!text.includes(secret), secret);
  assert.equal(sealed['name'], config['name']);
  assert.deepEqual(openParts(sealed, PATHS, sealer), config);
});

test('sealing twice is sealing once, and what was never sealed opens as it is', () => {
  const sealed = sealParts(config, PATHS, sealer);
  assert.deepEqual(sealParts(sealed, PATHS, sealer), sealed);
  assert.deepEqual(openParts(config, PATHS, sealer), config);
});

test('a config of another shape is left alone', () => {
  for (const odd of [{}, { url: 7, codes: 'none' }, { codes: { code: 'x' } }, { codes: [1, null] }]) {
    assert.deepEqual(sealParts(odd, PATHS, sealer), odd);
  }
});

test('a part that was sealed with another secret is shown as it is stored', () => {
  const other = createSealer(['another secret of tests'], 'credential of tests');
  const sealed = sealParts({ url: 'x' }, PATHS, other);
  assert.deepEqual(openParts(sealed, PATHS, sealer), sealed);
});
