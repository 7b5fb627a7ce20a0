import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer } from './cipher.ts';

const now = createSealer(['a-new-secret-0123456', 'an-old-secret-012345'], 'cookie');

test('what was sealed comes back', () => assert.equal(now.open(now.seal('päss')), 'päss'));
test('the same text is sealed differently each time', () => assert.notEqual(now.seal('x'), now.seal('x')));
test('a secret that was rotated out still opens', () => {
  const before = createSealer(['an-old-secret-012345'], 'cookie');
  assert.equal(now.open(before.seal('x')), 'x');
});
test('another purpose does not open', () => {
  const other = createSealer(['a-new-secret-0123456'], 'parked');
  assert.equal(other.open(now.seal('x')), undefined);
});
test('a changed value does not open', () => {
  const sealed = Buffer.from(now.seal('hello'), 'base64url');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(now.open(changed.toString('base64url')), undefined);
  }
});
for (const garbage of ['', 'x', 'AQ', '💥', 'A'.repeat(5000)]) {
  test(`garbage of ${garbage.length} characters does not open`, () =>
    assert.equal(now.open(garbage), undefined));
}

for (const [name, change] of [
  ['padding', (sealed: string): string => `${sealed}=`],
  ['a space', (sealed: string): string => ` ${sealed}`],
  ['the other alphabet', (sealed: string): string => sealed.replaceAll('-', '+').replaceAll('_', '/')],
] as const) {
  test(`a sealed value with ${name} is another text and does not open`, () => {
    // 60 values, so that some hold letters in which the alphabets differ.
    const sealed = Array.from({ length: 60 }, () => now.seal('hello')).filter(
      (text) => change(text) !== text,
    );
    assert.notEqual(sealed.length, 0);
    for (const text of sealed) assert.equal(now.open(change(text)), undefined);
  });
}
test('long and empty texts come back', () => {
  for (const text of ['', '💥'.repeat(20_000)]) assert.equal(now.open(now.seal(text)), text);
});
test('without a secret nothing can be sealed', () =>
  assert.throws(() => createSealer([], 'cookie'), /no secret/));
