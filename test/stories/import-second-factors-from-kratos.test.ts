// Moving from Kratos: second factors, keys and linked providers come along as they are, and are sealed here.
import assert from 'node:assert/strict';
import { createCipheriv, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { TOTP } from 'otpauth';
import type { JsonObject } from '../../src/lib/json.ts';
import { runRaw } from '../support/databases.ts';
import { json } from '../support/flow-json.ts';
import { moveFromKratos } from '../support/kratos-move.ts';
import { addPerson } from '../support/kratos-people.ts';
import { createNativeApp } from '../support/native-app.ts';
import type { TestServer } from '../support/server.ts';

/** The password of all tests, by bcrypt. */
const HASH = '$2b$04$KivukBrR5CvhVX9x/3ZH/OBj1GkWl4//xv9A2KxySzKg7/HCrSZv6';
const CIPHER_SECRET = 'a-secret-of-thirty-two-bytes-001';
const SECRET = 'L4ID2TIJXCCZQNPVGTHYIDC65W6QYY2E';
const METHODS: JsonObject = {
  totp: { enabled: true, config: { issuer: 'Test' } },
  lookup_secret: { enabled: true },
  webauthn: {
    enabled: true,
    config: { passwordless: true, rp: { id: 'example.org', display_name: 'Test' } },
  },
};
const CONFIG: JsonObject = {
  secrets: { default: ['a secret that only tests have'], cipher: [CIPHER_SECRET] },
  ciphers: { algorithm: 'aes' },
  selfservice: { methods: METHODS },
};

async function signedIn(server: TestServer) {
  const app = createNativeApp(server);
  await app.signIn('ada@example.org');
  const flow = await app.start('login', '?aal=aal2');
  return { app, send: (body: object): Promise<Response> => app.send(flow, body), flow };
}

test('a code of the app that was set up in Kratos is the second factor, and so is a backup code, once', async (t) => {
  const { kratos, bring, serve, problems, to } = await moveFromKratos(t, { config: CONFIG });
  const id = randomUUID();
  const codes = [
    { code: 'usedcode', used_at: '2029-11-28T04:14:27Z' },
    { code: 'freecode', used_at: null },
    { code: 'morecode', used_at: null },
  ];
  await addPerson(kratos, 'ada@example.org', {
    id,
    credentials: {
      password: { config: { hashed_password: HASH } },
      totp: {
        config: {
          totp_url: `otpauth://totp/Test:ada@example.org?algorithm=SHA1&digits=6&issuer=Test&period=30&secret=${SECRET}`,
        },
        identifiers: [id],
      },
      lookup_secret: { config: { recovery_codes: codes }, identifiers: [id] },
    },
  });
  await bring();
  assert.deepEqual(problems, []);
  const stored = JSON.stringify(await runRaw(to, 'select * from identity_credentials'));
  for (const open of [SECRET, 'freecode'])
    assert.ok(!stored.includes(open), `${open} lies open in the database`);
  const server = await serve();
  const byApp = await signedIn(server);
  const now = new TOTP({ secret: SECRET }).generate({ timestamp: server.clock.nowMs() });
  assert.equal((await byApp.send({ method: 'totp', totp_code: now })).status, 200);
  assert.equal((await byApp.app.whoami()).authenticator_assurance_level, 'aal2');
  assert.equal(
    (await (await signedIn(server)).send({ method: 'lookup_secret', lookup_secret: 'usedcode' })).status,
    400,
  );
  assert.equal(
    (await (await signedIn(server)).send({ method: 'lookup_secret', lookup_secret: 'freecode' })).status,
    200,
  );
  assert.equal(
    (await (await signedIn(server)).send({ method: 'lookup_secret', lookup_secret: 'freecode' })).status,
    400,
  );
  // What was used here is used: an import that is repeated does not bring it back.
  await bring();
  assert.equal(
    (await (await signedIn(server)).send({ method: 'lookup_secret', lookup_secret: 'freecode' })).status,
    400,
  );
});

test('a key that was registered in Kratos is asked for, and cannot be registered to somebody else', async (t) => {
  const { kratos, bring, serve, problems } = await moveFromKratos(t, { config: CONFIG });
  const key = {
    id: Buffer.alloc(32, 7).toString('base64'),
    public_key: Buffer.from('a4010103272006215820'.padEnd(84, '0'), 'hex').toString('base64'),
    attestation_type: 'none',
    authenticator: { aaguid: Buffer.alloc(16).toString('base64'), sign_count: 1, clone_warning: false },
    display_name: 'My key',
    added_at: '2029-01-01T00:00:00Z',
    is_passwordless: true,
  };
  const webauthn = { config: { credentials: [key], user_handle: Buffer.alloc(16, 3).toString('base64') } };
  const ada = await addPerson(kratos, 'ada@example.org', { credentials: { webauthn } });
  const bob = await addPerson(kratos, 'bob@example.org', { credentials: { webauthn } });
  const { counts } = await bring();
  assert.deepEqual([counts.identity.new, counts.identity.failed], [1, 1]);
  assert.equal(problems.length, 1);
  const server = await serve();
  const there = [ada, bob].map(
    async ({ id }) => (await server.askAdmin('GET', `/admin/identities/${id}`)).status,
  );
  assert.deepEqual((await Promise.all(there)).sort(), [200, 404]);
});

function sealAes(text: string): string {
  const nonce = Buffer.alloc(12, 9);
  const cipher = createCipheriv('aes-256-gcm', CIPHER_SECRET, nonce);
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('hex');
}

test('a linked provider comes along with its tokens, which are sealed anew', async (t) => {
  const { kratos, bring, serve, problems, to } = await moveFromKratos(t, { config: CONFIG });
  const provider = { provider: 'acme', subject: 'Acme|1', organization: '' };
  const { id } = await addPerson(kratos, 'ada@example.org', {
    credentials: {
      oidc: {
        config: { providers: [{ ...provider, initial_refresh_token: sealAes('a refresh token') }] },
        identifiers: ['acme:Acme|1'],
      },
    },
  });
  await bring();
  assert.deepEqual(problems, []);
  assert.ok(
    !JSON.stringify(await runRaw(to, 'select * from identity_credentials')).includes('a refresh token'),
  );
  const server = await serve();
  const shown = await json<{ readonly credentials: { readonly oidc: JsonObject } }>(
    await server.askAdmin('GET', `/admin/identities/${id}?include_credential=oidc`),
  );
  assert.deepEqual(shown.credentials.oidc['identifiers'], ['acme:Acme|1']);
  const { providers } = shown.credentials.oidc['config'] as { readonly providers: readonly JsonObject[] };
  assert.equal(providers[0]?.['initial_refresh_token'], 'a refresh token');
});
