// Credentials that follow from what becomes of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentityId } from '../../lib/ids.ts';
import type { Credential, FullIdentity } from '../identity.ts';
import { type FollowingKind, withFollowers } from './followers.ts';

const held = (type: string): Credential => ({
  type,
  identifiers: ['ada'],
  config: { kept: true },
  version: 1,
  createdAtMs: 1,
  updatedAtMs: 1,
});

const person = (...types: readonly string[]): FullIdentity => ({
  id: 'ada' as IdentityId, // any id does
  schemaId: 'person',
  state: 'active',
  stateChangedAtMs: 1,
  traits: {},
  verifiableAddresses: [],
  recoveryAddresses: [],
  metadataPublic: null,
  metadataAdmin: null,
  organizationId: null,
  createdAtMs: 1,
  updatedAtMs: 1,
  credentials: Object.fromEntries(types.map((type) => [type, held(type)])),
});

const second = { first: 0, second: 1 };
const kinds: readonly FollowingKind[] = [
  { name: 'word', countFactors: () => ({ first: 1, second: 0 }) },
  { name: 'app', countFactors: () => second },
  {
    name: 'backup',
    countFactors: () => second,
    follow: (own, { before, after }) => {
      if (before.second > 0 && after.second === 0) return 'remove';
      return before.second === after.second ? undefined : { config: { ...own.config, seen: after.second } };
    },
  },
];
const of = { kinds, nowMs: 2, ownIdentifiers: new Set(['app', 'backup']) };

test('backup codes go with the last second factor, and not before', () => {
  const before = person('word', 'app', 'backup');
  assert.deepEqual(Object.keys(withFollowers(before, person('word', 'backup'), of).credentials), ['word']);
  const kept = withFollowers(before, person('app', 'backup'), of);
  assert.deepEqual(Object.keys(kept.credentials), ['app', 'backup']);
});

test('a follower may change itself, and does nothing where nothing concerns it', () => {
  const grown = withFollowers(person('backup'), person('app', 'backup'), of);
  assert.deepEqual(grown.credentials['backup']?.config, { kept: true, seen: 1 });
  const same = person('word', 'app', 'backup');
  assert.equal(withFollowers(same, same, of), same);
});
