import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import type { JsonObject } from '../../lib/json.ts';
import { type CipherSettings, openCredential } from './credential.ts';

const ID = '5e3b5b9c-52f0-4b5e-9d0c-6b7d8f1a2b3c';
const NO_CIPHER: CipherSettings = { algorithm: 'noop', secrets: [] };

const opened = (
  type: string,
  config: JsonObject,
  of: {
    readonly version?: number;
    readonly identifiers?: readonly string[];
    readonly cipher?: CipherSettings;
  } = {},
) => {
  const row = {
    ...{ id: ID, identity_id: ID, type, config: JSON.stringify(config), version: String(of.version ?? 1) },
    created_at: '2029-05-06 07:08:09',
    updated_at: '2029-05-06 07:08:09.5+00:00',
  };
  const { identifiers = ['ada@example.org'], cipher = NO_CIPHER } = of;
  return openCredential(row, { identifiers, identityId: ID, cipher });
};
const configOf = (...of: Parameters<typeof opened>): JsonObject => opened(...of).credential.config;

test('each credential arrives as administrators import it', () => {
  assert.deepEqual(configOf('password', { hashed_password: '$2a$04$x' }), { hashed_password: '$2a$04$x' });
  assert.deepEqual(configOf('password', { hashed_password: '', use_password_migration_hook: true }), {
    use_password_migration_hook: true,
  });
  const totp = { totp_url: 'otpauth://totp/x?secret=ABC' };
  assert.deepEqual(configOf('totp', totp), totp);
  const codes = [{ code: 'abcdefgh', used_at: null }];
  assert.deepEqual(configOf('lookup_secret', { recovery_codes: codes }), { codes });
  const addresses = [{ channel: 'sms', address: '+491701234567' }];
  assert.deepEqual(configOf('code', { addresses }), { addresses });
  const { credential } = opened('totp', totp, { identifiers: [ID] });
  assert.deepEqual(credential.identifiers, [ID]);
  assert.equal(credential.createdAtMs, Date.UTC(2029, 4, 6, 7, 8, 9));
  assert.equal(credential.updatedAtMs, Date.UTC(2029, 4, 6, 7, 8, 9, 500));
});

test('rows that say only which identifiers are taken stay empty', () => {
  for (const type of ['password', 'webauthn', 'oidc', 'lookup_secret'])
    assert.deepEqual(configOf(type, {}), {});
  assert.deepEqual(configOf('webauthn', { user_handle: 'AAAA' }), {});
  assert.deepEqual(configOf('password', { hashed_password: '' }), {});
});

test('older forms arrive in the newest one', () => {
  const key = { id: 'AAAA', public_key: 'BBBB' };
  const handle = Buffer.from(ID.replaceAll('-', ''), 'hex').toString('base64');
  assert.deepEqual(configOf('webauthn', { credentials: [key] }, { version: 0 }), {
    credentials: [{ is_passwordless: false, ...key }],
    user_handle: handle,
  });
  assert.deepEqual(
    configOf('webauthn', { credentials: [{ ...key, is_passwordless: true }], user_handle: 'CCCC' }),
    {
      credentials: [{ ...key, is_passwordless: true }],
      user_handle: 'CCCC',
    },
  );
  assert.deepEqual(configOf('code', { address_type: '', used_at: null }, { version: 0 }), {
    addresses: [{ channel: 'email', address: 'ada@example.org' }],
  });
});

const SECRET = 'a-secret-of-thirty-two-bytes-001';

function sealAes(text: string): string {
  const nonce = Buffer.alloc(12, 9);
  const cipher = createCipheriv('aes-256-gcm', SECRET, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('hex');
}

test('tokens of providers are opened; one that does not open is told, and the link stays', () => {
  const provider = { provider: 'acme', subject: 'acme-1', organization: '' };
  const config = {
    providers: [{ ...provider, initial_id_token: sealAes('id token'), initial_access_token: '' }],
  };
  const right = opened('oidc', config, { cipher: { algorithm: 'aes', secrets: [SECRET] } });
  const tokens = { initial_id_token: 'id token', initial_access_token: '', initial_refresh_token: '' };
  assert.deepEqual(right, { ...right, losses: [] });
  assert.deepEqual(right.credential.config, { providers: [{ ...provider, ...tokens }] });
  const wrong = opened('oidc', config, { cipher: { algorithm: 'aes', secrets: [] } });
  assert.deepEqual(wrong.losses, ['a token of a provider opens under no secret of secrets.cipher']);
  assert.deepEqual(wrong.credential.config, {
    providers: [{ ...provider, ...tokens, initial_id_token: '' }],
  });
});

test('what is no object counts as empty', () => {
  const row = {
    id: ID,
    type: 'password',
    config: '[1]',
    version: '1',
    created_at: '2029-05-06 07:08:09',
    updated_at: '2029-05-06 07:08:09',
  };
  const { credential } = openCredential(row, { identifiers: [], identityId: ID, cipher: NO_CIPHER });
  assert.deepEqual(credential.config, {});
});
