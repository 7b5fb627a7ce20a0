import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAalEnough, reachedAal } from './aal.ts';
import type { AuthMethodRef } from './session.ts';

const proof = (aal: 'aal1' | 'aal2', more: Partial<AuthMethodRef> = {}): AuthMethodRef => ({
  method: 'x',
  aal,
  completedAtMs: 0,
  ...more,
});

for (const [name, proofs, level] of [
  ['nothing proven', [], 'aal0'],
  ['one first factor', [proof('aal1')], 'aal1'],
  ['a first factor twice', [proof('aal1'), proof('aal1')], 'aal1'],
  ['both factors', [proof('aal1'), proof('aal2')], 'aal2'],
  ['only second factors', [proof('aal2'), proof('aal2')], 'aal1'],
  ['a provider that vouches for both', [proof('aal2', { countsForBoth: true })], 'aal2'],
] as const) {
  test(`${name}: ${level}`, () => assert.equal(reachedAal(proofs), level));
}

for (const [reached, required, hasSecondFactor, enough] of [
  ['aal0', 'aal1', false, false],
  ['aal1', 'aal1', true, true],
  ['aal1', 'highest_available', false, true],
  ['aal1', 'highest_available', true, false],
  ['aal2', 'highest_available', true, true],
] as const) {
  test(`${reached} for ${required}, ${hasSecondFactor ? 'with' : 'without'} a second factor: ${enough}`, () =>
    assert.equal(isAalEnough(reached, required, hasSecondFactor), enough));
}
