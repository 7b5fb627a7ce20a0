import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newIdentityId } from '../../lib/ids.ts';
import type { Credential, FullIdentity, VerifiableAddress } from '../identity.ts';
import { changeEvents } from './events.ts';

const credential = (type: string, config: Credential['config']): Credential => ({
  type,
  identifiers: ['ada'],
  config,
  version: 1,
  createdAtMs: 1,
  updatedAtMs: 1,
});
const address = (value: string, verified: boolean): VerifiableAddress => ({
  id: `id of ${value}`,
  value,
  via: 'email',
  verified,
  status: verified ? 'completed' : 'pending',
  createdAtMs: 1,
  updatedAtMs: 1,
});
const person: FullIdentity = {
  id: newIdentityId(),
  schemaId: 'person',
  state: 'active',
  stateChangedAtMs: 1,
  traits: {},
  verifiableAddresses: [address('a', false)],
  recoveryAddresses: [],
  metadataPublic: null,
  metadataAdmin: null,
  organizationId: null,
  createdAtMs: 1,
  updatedAtMs: 1,
  credentials: { password: credential('password', { hashed_password: 'x' }), code: credential('code', {}) },
};
const { password: _password, ...others } = person.credentials;

const TABLE: readonly (readonly [name: string, change: Partial<FullIdentity>, kinds: readonly string[]])[] = [
  ['nothing but the fact', {}, []],
  ['its end', { state: 'inactive' }, ['identity.disabled']],
  [
    'a password that changed',
    { credentials: { password: credential('password', { hashed_password: 'y' }) } },
    ['credential.changed password'],
  ],
  ['a credential that is gone', { credentials: others }, ['credential.removed password']],
  [
    'a credential that says only what is taken',
    { credentials: { ...person.credentials, webauthn: credential('webauthn', {}) } },
    [],
  ],
  [
    'a new one',
    { credentials: { ...person.credentials, totp: credential('totp', { totp_url: 'x' }) } },
    ['credential.added totp'],
  ],
  ['an address that was verified', { verifiableAddresses: [address('a', true)] }, ['address.verified']],
  ['another address', { verifiableAddresses: [address('b', false)] }, ['address.changed']],
  [
    'another address that is verified',
    { verifiableAddresses: [address('b', true)] },
    ['address.changed', 'address.verified'],
  ],
];
for (const [name, change, kinds] of TABLE) {
  test(`a change leaves behind: ${name}`, () => {
    const events = changeEvents(person, { ...person, ...change }, { isAdministration: true });
    const told = events.map(({ kind, method }) => (method ? `${kind} ${method}` : kind));
    assert.deepEqual(told, ['identity.updated', ...kinds]);
    assert.ok(events.every(({ identityId }) => identityId === person.id));
  });
}

test('an identity that is active again was enabled', () => {
  const events = changeEvents({ ...person, state: 'inactive' }, person, { isAdministration: true });
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['identity.updated', 'identity.enabled'],
  );
});

test('a person who saves what was there already leaves nothing behind', () => {
  assert.deepEqual(changeEvents(person, { ...person, updatedAtMs: 2 }), []);
});
