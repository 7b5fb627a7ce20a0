// What must hold of keys whatever an authenticator, or somebody who plays one, sends.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { readAssertionAnswer, readNewKeyAnswer } from '../../src/webauthn/answer.ts';
import { type Key, keysOf, readKeyRing, writeKeyRing } from '../../src/webauthn/keys.ts';
import { assertionOptions, creationOptions } from '../../src/webauthn/options.ts';
import { relyingParty } from '../../src/webauthn/party.ts';
import { verifyAssertion, verifyNewKey } from '../../src/webauthn/verify.ts';
import {
  type AssertionLies,
  type Authenticator,
  type CreationLies,
  createAuthenticator,
} from '../support/authenticator.ts';

const ORIGIN = 'https://login.example.org';
const party = relyingParty(
  { id: 'example.org', display_name: 'Example', origins: [`${ORIGIN}/`, 'https://example.org'] },
  'https://id.example.org/',
);
const NOW = '2030-01-01T00:00:00Z';
const challenge = (): string => randomBytes(32).toString('base64url');
const expected = (of: string, requiresUserVerification = false) => ({
  party,
  challenge: of,
  requiresUserVerification,
  now: NOW,
});

async function make(device: Authenticator, lies: CreationLies = {}, requiresUserVerification = false) {
  const wanted = challenge();
  const options = creationOptions({
    party,
    challenge: wanted,
    user: { handle: 'dXNlcg', name: 'ada' },
    timeoutMs: 1000,
    userVerification: 'preferred',
  });
  const answer = readNewKeyAnswer(device.create(publicKeyOf(options), lies));
  return answer && verifyNewKey(answer, expected(wanted, requiresUserVerification));
}

// The cast gives the options the type that the authenticator reads.
const publicKeyOf = (options: object): never => (options as { publicKey: never }).publicKey;

async function heldKey(device: Authenticator): Promise<Key> {
  const made = await make(device);
  assert.ok(made);
  return { ...made, isPasswordless: true };
}

async function use(device: Authenticator, key: Key, lies: AssertionLies = {}, requiresVerification = false) {
  const wanted = challenge();
  const options = assertionOptions({
    party,
    challenge: wanted,
    timeoutMs: 1000,
    userVerification: 'preferred',
  });
  const answer = readAssertionAnswer(device.get(publicKeyOf(options), lies));
  assert.ok(answer);
  return verifyAssertion(answer, key, expected(wanted, requiresVerification));
}

test('an honest key is taken, signs in, and its counter and backup state are kept', async () => {
  const device = createAuthenticator(ORIGIN);
  const key = await heldKey(device);
  assert.equal(key.attestationType, 'none');
  assert.deepEqual(key.flags, {
    userPresent: true,
    userVerified: true,
    backupEligible: true,
    backupState: true,
  });
  const check = await use(device, key, { signCount: 7, isBackedUp: false });
  assert.equal(check.kind, 'verified');
  assert.ok(check.kind === 'verified');
  assert.equal(check.key.signCount, 7);
  assert.equal(check.key.flags.backupState, false);
  assert.equal(check.key.lastUsedAt, NOW);
  assert.deepEqual(readKeyRing(writeKeyRing({ keys: [check.key], userHandle: 'dXNlcg' })), {
    keys: [check.key],
    userHandle: 'dXNlcg',
  });
});

const CREATION_LIES: readonly (readonly [what: string, lies: CreationLies])[] = [
  ['another challenge', { challenge: challenge() }],
  ['an origin that is not configured', { origin: 'https://evil.example.com' }],
  ['a port that is not configured', { origin: `${ORIGIN}:8443` }],
  ['another relying party', { rpId: 'evil.example.com' }],
  ['the type of an assertion', { type: 'webauthn.get' }],
  ['nobody present', { isPresent: false }],
  ['a page inside a frame of another site', { crossOrigin: true }],
  ['a backup of what cannot be backed up', { isBackupEligible: false, isBackedUp: true }],
  ['an id that is not the signed one', { saidId: randomBytes(32) }],
  ['an id of more than 1,023 bytes', { id: randomBytes(1200) }],
  ['a packed attestation with a wrong signature', { attestation: 'packed', hasBadSignature: true }],
  ['an attestation of an unknown kind', { attestation: 'made-up' }],
];

for (const [what, lies] of CREATION_LIES) {
  test(`no key is made with ${what}`, async () => {
    assert.equal(await make(createAuthenticator(ORIGIN), lies), undefined);
  });
}

test('a packed attestation by the key itself is taken', async () => {
  const made = await make(createAuthenticator(ORIGIN), { attestation: 'packed' });
  assert.equal(made?.attestationType, 'packed');
});

test('where verification of the user is required, a key without it is refused', async () => {
  assert.equal(await make(createAuthenticator(ORIGIN), { isVerified: false }, true), undefined);
});

test('a key is named after its product', async () => {
  const made = await make(createAuthenticator(ORIGIN), { aaguid: 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4' });
  assert.equal(made?.displayName, 'Google Password Manager');
  assert.equal((await make(createAuthenticator(ORIGIN)))?.displayName, '');
});

const ASSERTION_LIES: readonly (readonly [what: string, lies: AssertionLies])[] = [
  ['another challenge', { challenge: challenge() }],
  ['an origin that is not configured', { origin: 'https://evil.example.com' }],
  ['another relying party', { rpId: 'evil.example.com' }],
  ['the type of a creation', { type: 'webauthn.create' }],
  ['nobody present', { isPresent: false }],
  ['a page inside a frame of another site', { crossOrigin: true }],
  ['a wrong signature', { hasBadSignature: true }],
  ['a flag that says it could not be backed up after all', { isBackupEligible: false }],
  ['another key of the same authenticator', { key: 1 }],
];

for (const [what, lies] of ASSERTION_LIES) {
  test(`nobody signs in with ${what}`, async () => {
    const device = createAuthenticator(ORIGIN);
    const key = await heldKey(device);
    await heldKey(device);
    assert.deepEqual(await use(device, key, lies), { kind: 'refused' });
  });
}

test('where verification of the user is required, an assertion without it is refused', async () => {
  const device = createAuthenticator(ORIGIN);
  const key = await heldKey(device);
  assert.deepEqual(await use(device, key, { isVerified: false }, true), { kind: 'refused' });
});

test('a counter that does not go up marks the key and signs nobody in; a forged one marks nothing', async () => {
  const device = createAuthenticator(ORIGIN);
  const key = { ...(await heldKey(device)), signCount: 9 };
  for (const signCount of [9, 4, 0]) {
    const check = await use(device, key, { signCount });
    assert.deepEqual(check, { kind: 'cloned', key: { ...key, cloneWarning: true } });
  }
  const forged = await use(device, key, { signCount: 4, hasBadSignature: true });
  assert.deepEqual(forged, { kind: 'refused' });
});

test('an authenticator that does not count signs in again and again', async () => {
  const device = createAuthenticator(ORIGIN);
  const key = await heldKey(device);
  for (let times = 0; times < 3; times += 1) {
    assert.equal((await use(device, key, { signCount: 0 })).kind, 'verified');
  }
});

test('what is no answer of an authenticator is never more than unreadable', async () => {
  const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  const texts = [
    '',
    'not json',
    'null',
    '[]',
    '{}',
    nested,
    '{"id":"x"}',
    '{"id":"AAAA","rawId":"BBBB","type":"public-key","response":{}}',
    '{"id":"AA AA","type":"public-key","response":{"attestationObject":"AAAA","clientDataJSON":"AAAA"}}',
    JSON.stringify({ id: 'A'.repeat(100_000), type: 'public-key', response: {} }),
  ];
  for (const text of texts) {
    assert.equal(readNewKeyAnswer(text), undefined, text.slice(0, 60));
    assert.equal(readAssertionAnswer(text), undefined, text.slice(0, 60));
  }
  const bytes = ['AAAA', 'oA', Buffer.from('9f'.repeat(20_000), 'hex').toString('base64url'), 'gICAgA'];
  for (const attestationObject of bytes) {
    for (const clientDataJSON of [
      'AAAA',
      base64url('{}'),
      base64url('{"type":1,"challenge":{},"origin":[]}'),
    ]) {
      const answer = { id: 'AAAA', attestationObject, clientDataJSON, transports: [] };
      assert.equal(await verifyNewKey(answer, expected('x')), undefined);
    }
  }
});

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

test('stored keys that were written by another system are read, and what is none is none', () => {
  const key = { id: 'AQID', public_key: 'BAUG', is_passwordless: true };
  const ring = readKeyRing({ credentials: [key], user_handle: 'AQID' });
  assert.deepEqual(
    ring?.keys.map(({ id, signCount, flags }) => [id, signCount, flags.backupEligible]),
    [['AQID', 0, undefined]],
  );
  for (const broken of [
    { credentials: {} },
    { credentials: [{}] },
    { user_handle: 7 },
    { credentials: [7] },
  ]) {
    assert.equal(readKeyRing(broken), undefined);
    assert.deepEqual(keysOf(broken), []);
  }
});
