// What administrators bring along from another system: passwords and addresses, with what was known about them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Admin, createAdmin, type IdentityJson } from '../support/admin.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, startServer } from '../support/server.ts';

const BCRYPT_OF_OTHER = '$2a$04$abcdefghijklmnopqrstuuU4tHxSgMMa/nMCmLTSjEK1SpxzGANvm';

const post = (admin: Admin, of: JsonObject) =>
  admin.post('/admin/identities', { traits: { email: 'ada@example.org' }, ...of });

describe('a password that is imported', () => {
  for (const [name, config] of [
    ['an empty hash', { hashed_password: '' }],
    ['null for a hash', { hashed_password: null }],
    ['an empty password', { password: '' }],
    ['null for a password', { password: null }],
    ['both empty', { password: '', hashed_password: '' }],
    ['nothing', {}],
    ['a switched off migration hook only', { use_password_migration_hook: false }],
  ] as const) {
    it(`is refused where it is ${name}: nobody could sign in with it`, async (t) => {
      const admin = createAdmin(await startServer(t));
      const refused = await post(admin, { credentials: { password: { config } } });
      assert.equal(refused.status, 400);
      assert.match(
        refused.error().reason ?? '',
        /^credentials\.password: Either "hashed_password" or "password" is required/,
      );
      const batch = await admin.patch('/admin/identities', {
        identities: [
          { create: { traits: { email: 'b@example.org' }, credentials: { password: { config } } } },
        ],
      });
      assert.equal(batch.status, 400);
      assert.match(
        batch.error().reason ?? '',
        /^identities\.0\.create: credentials\.password: Either .* is required/,
      );
      assert.deepEqual((await admin.get('/admin/identities')).json(), []);
    });
  }

  it('is the clear one where a hash is given too, and the hash has to be a hash all the same', async (t) => {
    const server = await startServer(t);
    const admin = createAdmin(server);
    const both = (hash: string) => ({ password: { config: { password: PASSWORD, hashed_password: hash } } });
    assert.equal((await post(admin, { credentials: both('plain') })).status, 400);
    assert.equal((await post(admin, { credentials: both(BCRYPT_OF_OTHER) })).status, 201);
    const { session } = await createNativeApp(server).signIn('ada@example.org');
    assert.equal(session?.active, true);
  });
});

describe('an address that is imported', () => {
  const said = { via: 'email', value: 'Ada@example.org', created_at: '2019-03-04T05:06:07Z' };

  it('keeps its status and the time since which there is it', async (t) => {
    const server = await startServer(t, { isOnDisk: true });
    const admin = createAdmin(server);
    const made = await admin.create('ada@example.org', {
      verifiable_addresses: [{ ...said, verified: false, status: 'sent' }],
      recovery_addresses: [said],
    });
    const stored = (await admin.get(`/admin/identities/${made.id}`)).json<IdentityJson & JsonObject>();
    for (const identity of [made, stored] as unknown as readonly JsonObject[]) {
      const [address] = identity['verifiable_addresses'] as readonly JsonObject[];
      assert.equal(address?.['status'], 'sent');
      assert.equal(address?.['verified'], false);
      assert.equal(Date.parse(String(address?.['created_at'])), Date.UTC(2019, 2, 4, 5, 6, 7));
      const [recovery] = identity['recovery_addresses'] as readonly JsonObject[];
      assert.equal(Date.parse(String(recovery?.['created_at'])), Date.UTC(2019, 2, 4, 5, 6, 7));
    }
  });

  it('is left out where it does not follow from the traits, whatever it says', async (t) => {
    const admin = createAdmin(await startServer(t));
    for (const [index, via] of ['pigeon', '', 'sms', 'EMAIL'].entries()) {
      const email = `ada${index}@example.org`;
      const other = { via, value: email };
      const made = await admin.create(email, {
        recovery_addresses: [other],
        verifiable_addresses: [{ ...other, verified: true }],
      });
      assert.deepEqual(
        made.recovery_addresses?.map(({ value }) => value),
        [email],
      );
      assert.deepEqual(
        made.verifiable_addresses?.map(({ verified }) => verified),
        [false],
      );
    }
  });

  it('is new where its time is the year one, which programs in Go write for none', async (t) => {
    const server = await startServer(t);
    const made = await createAdmin(server).create('ada@example.org', {
      recovery_addresses: [{ ...said, created_at: '0001-01-01T00:00:00Z' }],
    });
    const [recovery] = (made as unknown as JsonObject)['recovery_addresses'] as readonly JsonObject[];
    assert.equal(Date.parse(String(recovery?.['created_at'])), server.clock.nowMs());
  });
});
