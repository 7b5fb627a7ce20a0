import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskAddress } from './mask-address.ts';

const TABLE = [
  ['ada.lovelace@example.org', 'ad****@example.org'],
  ['ab@example.org', 'ab****@example.org'],
  ['a@example.org', 'a****@example.org'],
  ['"odd@name"@example.org', '"o****@example.org'],
  ['+41791234501', '+41****01'],
  ['+12345', '+12****45'],
  ['+1234', '****'],
  ['', '****'],
] as const;

for (const [address, masked] of TABLE) {
  test(`${address || 'nothing'} is shown as ${masked}`, () => assert.equal(maskAddress(address), masked));
}

test('very short names and numbers are masked too', () => {
  assert.ok(!['a@example.org', '+1234'].some((address) => maskAddress(address) === address));
});
