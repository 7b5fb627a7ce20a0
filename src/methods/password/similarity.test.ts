import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resembles } from './similarity.ts';

const email = 'anna.meier@example.org';
const TABLE = [
  [email, email, true],
  [email.toUpperCase(), email, true],
  ['anna.meier', email, true],
  ['anna.meier-xyz', email, true],
  ['xyz-EXAMPLE.org', email, true],
  // Exactly half of the letters in common is taken, one more is not.
  ['anna.meiXXXXXXXX', email, false],
  ['anna.meieXXXXXXXX', email, true],
  // Distance five is far enough, four is not.
  ['abcdefgh', 'XbcXefXhYY', false],
  ['abcdefgh', 'XbcXefXhY', true],
  ['correct-horse-7-battery', email, false],
  ['short', 'me', false],
  ['me12', 'me', true],
  ['ÄÖÜ-straße-42', 'äöü-strasse', true],
  ['🦊🦊🦊🦊🦊🦊🦊🦊', '🦊🦊🦊🦊🦊', true],
  ['xk39-vq8', '', false],
  ['', email, false],
  // Beyond 256 bytes nothing is compared.
  ['a'.repeat(256), 'a'.repeat(256), true],
  ['a'.repeat(257), 'a'.repeat(257), false],
  ['ä'.repeat(129), 'ä'.repeat(129), false],
] as const;

for (const [password, identifier, expected] of TABLE) {
  const name = `"${password.slice(0, 30)}" ${expected ? 'resembles' : 'is unlike'} "${identifier.slice(0, 30)}"`;
  test(`${name} (${password.length})`, () => assert.equal(resembles(password, identifier), expected));
}
