import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerifiableAddress } from '../identity.ts';
import { type GivenAddress, withGiven } from './given-addresses.ts';

const NOW_MS = Date.UTC(2030, 0, 2);
const stored: VerifiableAddress = {
  id: '00000000-0000-4000-8000-000000000001',
  value: 'ada@example.org',
  via: 'email',
  verified: false,
  status: 'sent',
  createdAtMs: 1,
  updatedAtMs: 1,
};
const proven: VerifiableAddress = { ...stored, verified: true, status: 'completed', verifiedAtMs: 5 };

const TABLE: readonly (readonly [
  name: string,
  before: VerifiableAddress,
  said: Partial<GivenAddress>,
  after: readonly [verified: boolean, status: string, verifiedAtMs: number | undefined, updatedAtMs: number],
])[] = [
  ['verified alone', stored, { verified: true }, [true, 'completed', NOW_MS, NOW_MS]],
  ['verified with a time', stored, { verified: true, verifiedAtMs: 7 }, [true, 'completed', 7, NOW_MS]],
  [
    'verified against its status',
    stored,
    { verified: true, status: 'pending' },
    [true, 'completed', NOW_MS, NOW_MS],
  ],
  [
    'completed without being verified',
    stored,
    { status: 'completed' },
    [false, 'pending', undefined, NOW_MS],
  ],
  ['another status', stored, { status: 'pending' }, [false, 'pending', undefined, NOW_MS]],
  ['nothing new', stored, {}, [false, 'sent', undefined, 1]],
  ['nothing new of a verified one', proven, { verified: true }, [true, 'completed', 5, 1]],
  [
    'not verified any more',
    proven,
    { verified: false, status: 'completed' },
    [false, 'pending', undefined, NOW_MS],
  ],
  [
    'the address in capitals',
    stored,
    { value: ' ADA@Example.org', verified: true },
    [true, 'completed', NOW_MS, NOW_MS],
  ],
  ['another address', stored, { value: 'eve@example.org', verified: true }, [false, 'sent', undefined, 1]],
  ['the same text as a phone number', stored, { via: 'sms', verified: true }, [false, 'sent', undefined, 1]],
];
for (const [name, before, said, after] of TABLE) {
  test(`what is said about addresses: ${name}`, () => {
    const given: GivenAddress = { value: before.value, via: 'email', verified: false, ...said };
    const [address] = withGiven([before], [given], NOW_MS);
    assert.deepEqual(
      [address?.verified, address?.status, address?.verifiedAtMs, address?.updatedAtMs],
      after,
    );
    assert.equal(address?.id, before.id);
  });
}

test('addresses are neither added nor taken away', () => {
  const given: GivenAddress = { value: 'eve@example.org', via: 'email', verified: true };
  assert.deepEqual(withGiven([stored], [], NOW_MS), [stored]);
  assert.deepEqual(withGiven([], [given], NOW_MS), []);
});
