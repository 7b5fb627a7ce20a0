// An administrator creates, reads, changes and deletes identities; what is asked wrongly is refused and changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin, type IdentityJson } from '../support/admin.ts';
import { createNativeApp } from '../support/native-app.ts';
import {
  MINUTE_MS,
  OTHER_PASSWORD,
  PASSWORD,
  PERSON_SCHEMA,
  schemaUrl,
  startServer,
} from '../support/server.ts';

const withPassword = (password: string) => ({ credentials: { password: { config: { password } } } });
const NOBODY = '2f9a3e8c-8f43-4f1e-9f1e-111111111111';

test('an identity that an administrator made signs in, and is read by id and by external id', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const made = await admin.create('Ada@Example.org', {
    external_id: 'crm-7',
    metadata_public: { plan: 'gold' },
    metadata_admin: 'a note',
    organization_id: NOBODY,
    ...withPassword('short'),
  });
  assert.deepEqual(made.credentials?.['password']?.identifiers, ['ada@example.org']);
  assert.equal(made.credentials?.['password']?.config, undefined);
  await createNativeApp(server).signIn('ada@example.org', { password: 'short' });
  const read = (await admin.get(`/admin/identities/${made.id}`)).json<IdentityJson>();
  assert.deepEqual((await admin.get('/admin/identities/by/external/crm-7')).json(), read);
  assert.deepEqual((await admin.get(`/identities/${made.id}`)).json(), read);
  assert.deepEqual(read.metadata_public, { plan: 'gold' });
  assert.equal(read.metadata_admin, 'a note');
  assert.equal(read.organization_id, NOBODY);
  const included = await admin.get(`/admin/identities/${made.id}?include_credential=password`);
  const config = included.json<IdentityJson>().credentials?.['password']?.config;
  assert.match(String(config?.['hashed_password']), /^\$2/);
});

test('metadata of every JSON kind is stored and read', async (t) => {
  const admin = createAdmin(await startServer(t));
  for (const [index, value] of [
    7,
    0,
    -1.5,
    true,
    false,
    'text',
    '',
    [],
    [1, null],
    {},
    { a: { b: null } },
  ].entries()) {
    const { id } = await admin.create(`p${index}@example.org`, {
      metadata_public: value,
      metadata_admin: value,
    });
    const read = (await admin.get(`/admin/identities/${id}`)).json<IdentityJson>();
    assert.deepEqual([read.metadata_public, read.metadata_admin], [value, value]);
  }
  assert.equal((await admin.get('/admin/identities')).status, 200);
});

test('addresses in the body say which ones are verified; status and time follow', async (t) => {
  const admin = createAdmin(await startServer(t));
  const made = await admin.create('ada@example.org', {
    verifiable_addresses: [
      { via: 'email', value: 'ADA@example.org', verified: true, verified_at: '2024-01-02T03:04:05Z' },
      { via: 'email', value: 'other@example.org', verified: true },
    ],
    recovery_addresses: [{ via: 'email', value: 'ada@example.org' }],
  });
  assert.equal(made.verifiable_addresses?.length, 1);
  const [address] = made.verifiable_addresses ?? [];
  assert.deepEqual(
    [address?.value, address?.verified, address?.status, address?.verified_at],
    ['ada@example.org', true, 'completed', '2024-01-02T03:04:05.000Z'],
  );
  const at = `/admin/identities/${made.id}`;
  const set = async (verified: boolean) => {
    const patch = [{ op: 'replace', path: '/verifiable_addresses/0/verified', value: verified }];
    return (await admin.patch(at, patch)).json<IdentityJson>().verifiable_addresses?.[0];
  };
  const unverified = await set(false);
  assert.deepEqual(
    [unverified?.verified, unverified?.status, unverified?.verified_at],
    [false, 'pending', undefined],
  );
  assert.equal((await set(true))?.status, 'completed');
});

test('replacing keeps the password, drops what is not named, and moves the identifier', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const { id } = await admin.create('ada@example.org', {
    external_id: 'one',
    metadata_admin: 1,
    metadata_public: 2,
    ...withPassword(PASSWORD),
  });
  const put = await admin.put(`/admin/identities/${id}`, {
    traits: { email: 'eve@example.org' },
    unknown: 1,
  });
  assert.equal(put.status, 200);
  const read = (await admin.get(`/admin/identities/${id}`)).json<IdentityJson>();
  assert.deepEqual([read.external_id, read.metadata_admin, read.metadata_public], [undefined, null, null]);
  assert.equal(read.state, 'active');
  await createNativeApp(server).signIn('eve@example.org');
  const old = await createNativeApp(server).ask('GET', '/self-service/login/api');
  assert.equal(old.status, 200);
});

test('identifiers follow the schema in force: after a move to another one the old ones are free', async (t) => {
  const customer = {
    type: 'object',
    properties: {
      traits: {
        type: 'object',
        properties: {
          login: { type: 'string', 'ory.sh/kratos': { credentials: { password: { identifier: true } } } },
        },
        required: ['login'],
      },
    },
  };
  const server = await startServer(t, {
    config: {
      identity: {
        default_schema_id: 'person',
        schemas: [
          { id: 'person', url: schemaUrl(PERSON_SCHEMA) },
          { id: 'customer', url: schemaUrl(customer) },
        ],
      },
    },
  });
  const admin = createAdmin(server);
  const { id } = await admin.create('ada@example.org', withPassword(PASSWORD));
  const moved = await admin.put(`/admin/identities/${id}`, {
    schema_id: 'customer',
    traits: { login: 'ada' },
  });
  const { schema_id, credentials, verifiable_addresses } = moved.json<IdentityJson>();
  assert.deepEqual(
    [schema_id, credentials?.['password']?.identifiers, verifiable_addresses],
    ['customer', ['ada'], undefined],
  );
  await createNativeApp(server).signIn('ada');
  await admin.create('ada@example.org');
});

test('a disabled identity keeps everything, and none of its sessions is accepted until it is enabled', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const session = await app.whoami();
  const at = `/admin/identities/${session.identity.id}`;
  const state = (value: string) => admin.patch(at, [{ op: 'replace', path: '/state', value }]);
  assert.equal((await state('inactive')).json<IdentityJson>().state, 'inactive');
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
  assert.equal((await state('active')).status, 200);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 200);
});

test('a deleted identity is gone with its sessions, and its address is free', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const session = await app.whoami();
  const at = `/admin/identities/${session.identity.id}`;
  assert.equal((await admin.delete(at)).status, 204);
  assert.equal((await admin.get(at)).status, 404);
  assert.equal((await admin.delete(at)).status, 404);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
  await admin.create('ada@example.org');
});

test('what another identity holds is a conflict, on creation and on change, and nothing is changed', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  await admin.create('ada@example.org', { external_id: 'one' });
  const eve = await admin.create('eve@example.org');
  const at = `/admin/identities/${eve.id}`;
  const before = (await admin.get(at)).json();
  const refused = [
    await admin.post('/admin/identities', { traits: { email: 'ADA@example.org' } }),
    await admin.post('/admin/identities', { traits: { email: 'new@example.org' }, external_id: 'one' }),
    await admin.put(at, { traits: { email: 'ada@example.org' } }),
    await admin.patch(at, [{ op: 'replace', path: '/traits/email', value: 'ada@example.org' }]),
    await admin.patch(at, [{ op: 'add', path: '/external_id', value: 'one' }]),
  ];
  for (const answer of refused) {
    assert.equal(answer.status, 409);
    assert.equal(answer.error().status, 'Conflict');
  }
  assert.deepEqual((await admin.get(at)).json(), before);
});

test('every act is written down with the administrator as its author', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const admin = createAdmin(server);
  const { id } = await admin.create('ada@example.org', withPassword(PASSWORD));
  const at = `/admin/identities/${id}`;
  server.clock.advance(MINUTE_MS);
  await admin.patch(at, [{ op: 'replace', path: '/state', value: 'inactive' }]);
  await admin.put(at, {
    traits: { email: 'eve@example.org' },
    state: 'active',
    ...withPassword(OTHER_PASSWORD),
  });
  await admin.patch(at, [{ op: 'replace', path: '/traits/email', value: 'no address' }]);
  await admin.delete(at);
  const rows = server.rows('select kind, identity_id, body from security_events order by position');
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    [
      'identity.created',
      'credential.added',
      'identity.updated',
      'identity.disabled',
      'identity.updated',
      'identity.enabled',
      'credential.changed',
      'address.changed',
      'identity.deleted',
    ],
  );
  for (const { identity_id, body } of rows) {
    assert.equal(identity_id, id);
    assert.match(String(body), /"by":"administrator"/);
    assert.doesNotMatch(String(body), /@example|seventeen|\$2/);
  }
});

test('the last way to sign in cannot be deleted, and credentials of no method cannot be imported', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const { id } = await admin.create('ada@example.org', withPassword(PASSWORD));
  assert.equal((await admin.delete(`/admin/identities/${id}/credentials/password`)).status, 400);
  assert.equal((await admin.delete(`/admin/identities/${id}/credentials/toString`)).status, 404);
  assert.equal((await admin.delete(`/admin/identities/${NOBODY}/credentials/password`)).status, 404);
  await createNativeApp(server).signIn('ada@example.org');
  const smoke = { traits: { email: 'eve@example.org' }, credentials: { smoke: { config: {} } } };
  const refused = await admin.post('/admin/identities', smoke);
  assert.equal(refused.status, 400);
  assert.match(refused.error().reason ?? '', /"smoke"/);
});

test('two who change different fields at once both succeed', async (t) => {
  const admin = createAdmin(await startServer(t));
  const { id } = await admin.create('ada@example.org', { metadata_public: {} });
  const fields = Array.from({ length: 20 }, (_, index) => `/metadata_public/f${index}`);
  const at = `/admin/identities/${id}`;
  await Promise.all(fields.map((path) => admin.patch(at, [{ op: 'add', path, value: 1 }])));
  const { metadata_public } = (await admin.get(at)).json<IdentityJson>();
  assert.equal(Object.keys(metadata_public ?? {}).length, fields.length);
});

test('an endless identifier is refused instead of breaking the index of some databases', async (t) => {
  const login = { type: 'string', 'ory.sh/kratos': { credentials: { password: { identifier: true } } } };
  const schema = { type: 'object', properties: { traits: { type: 'object', properties: { login } } } };
  const admin = createAdmin(
    await startServer(t, {
      config: {
        identity: { default_schema_id: 'login', schemas: [{ id: 'login', url: schemaUrl(schema) }] },
      },
    }),
  );
  const create = (length: number) =>
    admin.post('/admin/identities', { traits: { login: 'é'.repeat(length) } });
  assert.equal((await create(512)).status, 201);
  assert.equal((await create(513)).status, 400);
});
