// Backup codes: how they look, that each is good once, and that what is stored tells nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer } from '../../lib/cipher.ts';
import { countCodes, newCodes, readCodes, readImportedCodes, spendCode, writeCodes } from './codes.ts';

const sealer = createSealer(['a secret that only tests have'], 'backup codes');
const NOW = '2030-01-01T00:00:00Z';

test('there are twelve different codes of eight characters', () => {
  const codes = newCodes().map(({ code }) => code);
  assert.equal(new Set(codes).size, 12);
  for (const code of codes) assert.match(code, /^[a-z0-9]{8}$/);
});

test('what is stored comes back and holds no code in clear', () => {
  const codes = newCodes();
  const stored = writeCodes(codes, sealer);
  assert.deepEqual(readCodes(stored, sealer), codes);
  for (const { code } of codes) assert.ok(!JSON.stringify(stored).includes(code));
  assert.deepEqual(readCodes(stored, createSealer(['another secret'], 'backup codes')), []);
});

test('a code is good once, and the others stay good', () => {
  const codes = newCodes();
  const typed = codes[3]?.code ?? '';
  const use = spendCode(codes, typed, NOW);
  assert.ok(use.kind === 'good');
  assert.equal(use.codes[3]?.usedAt, NOW);
  assert.equal(spendCode(use.codes, typed, NOW).kind, 'used');
  assert.equal(spendCode(use.codes, typed.toUpperCase(), NOW).kind, 'unknown');
  assert.equal(spendCode(use.codes, codes[4]?.code ?? '', NOW).kind, 'good');
  assert.deepEqual(countCodes(writeCodes(use.codes, sealer)), { all: 12, left: 11 });
});

test('codes of an import are taken whole or not at all', () => {
  const codes = [{ code: 'abcdefgh' }, { code: 'ijklmnop', used_at: NOW }];
  assert.deepEqual(readImportedCodes({ codes }), [{ code: 'abcdefgh' }, { code: 'ijklmnop', usedAt: NOW }]);
  const never = [{ code: 'abcdefgh', used_at: '0001-01-01T00:00:00Z' }];
  assert.deepEqual(readImportedCodes({ codes: never }), [{ code: 'abcdefgh' }]);
  for (const broken of [{}, { codes: [] }, { codes: 'x' }, { codes: [{ code: 7 }] }, { codes: [{}] }])
    assert.equal(readImportedCodes(broken), undefined);
});
