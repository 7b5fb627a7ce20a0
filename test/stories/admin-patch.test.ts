// A JSON Patch on an identity: what it may touch, and that a refused one changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../src/lib/json.ts';
import { createAdmin, type IdentityJson } from '../support/admin.ts';
import { createNativeApp } from '../support/native-app.ts';
import { OTHER_PASSWORD, PASSWORD, startServer } from '../support/server.ts';

const REFUSED: readonly (readonly [name: string, operation: Json])[] = [
  ['the id', { op: 'replace', path: '/id', value: '2f9a3e8c-8f43-4f1e-9f1e-111111111111' }],
  ['the id in capitals', { op: 'replace', path: '/ID', value: 'x' }],
  ['when it was created', { op: 'replace', path: '/created_at', value: '2020-01-01T00:00:00Z' }],
  ['when its state changed', { op: 'replace', path: '/state_changed_at', value: '2020-01-01T00:00:00Z' }],
  ['the address of its schema', { op: 'replace', path: '/schema_url', value: 'x' }],
  ['all credentials', { op: 'replace', path: '/credentials', value: {} }],
  ['linked accounts', { op: 'add', path: '/credentials/oidc', value: {} }],
  ['linked accounts in capitals', { op: 'add', path: '/credentials/OIDC/config', value: {} }],
  ['a credential of no method', { op: 'add', path: '/credentials/smoke', value: {} }],
  [
    'identifiers that follow from traits',
    { op: 'add', path: '/credentials/password/identifiers/-', value: 'x' },
  ],
  ['the type of a credential', { op: 'replace', path: '/credentials/password/type', value: 'x' }],
  [
    'a credential under another name',
    { op: 'add', path: '/credentials/password', value: { type: 'x', config: {} } },
  ],
  ['a config that is no object', { op: 'replace', path: '/credentials/password/config', value: 7 }],
  ['a credential that is no object', { op: 'replace', path: '/credentials/password', value: null }],
  [
    'an endless version',
    { op: 'replace', path: '/credentials/password', value: { type: 'password', config: {}, version: 1e300 } },
  ],
  ...[
    ['a hash that takes for ever', '$argon2id$v=19$m=65536,t=99999,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'],
    ['a hash of 4 TiB', '$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'],
    ['a hash of 2^31 rounds', `$2a$31$${'a'.repeat(53)}`],
    ['a hash of no known kind', 'secret'],
    ['an empty hash', ''],
    ['no hash', null],
  ].map(([name, value]): readonly [string, Json] => [
    String(name),
    { op: 'add', path: '/credentials/password/config/hashed_password', value: value ?? null },
  ]),
  ['a password in clear', { op: 'add', path: '/credentials/password/config/password', value: 'secret' }],
  ['an unknown field', { op: 'add', path: '/metadata', value: {} }],
  ['a state that is none', { op: 'replace', path: '/state', value: 'asleep' }],
  ['no state', { op: 'remove', path: '/state' }],
  ['no schema', { op: 'remove', path: '/schema_id' }],
  ['an unknown schema', { op: 'replace', path: '/schema_id', value: 'x' }],
  ['no traits', { op: 'remove', path: '/traits' }],
  ['traits that are no object', { op: 'replace', path: '/traits', value: [] }],
  ['traits that do not fit', { op: 'replace', path: '/traits/email', value: 'x' }],
  ['an unknown trait', { op: 'add', path: '/traits/hobby', value: 'chess' }],
  ['an organization that is no UUID', { op: 'add', path: '/organization_id', value: 'x' }],
  ['an endless external id', { op: 'add', path: '/external_id', value: 'x'.repeat(10_000) }],
  ['addresses that are none', { op: 'replace', path: '/verifiable_addresses', value: ['x'] }],
  ['a time that is none', { op: 'add', path: '/verifiable_addresses/0/verified_at', value: 'yesterday' }],
  ['a text with NUL', { op: 'add', path: '/metadata_public', value: 'a\0b' }],
  ['half a character', { op: 'add', path: '/external_id', value: '\ud800' }],
];

for (const [name, operation] of REFUSED) {
  test(`a patch cannot set ${name}`, async (t) => {
    const admin = createAdmin(await startServer(t));
    const { id } = await admin.create('ada@example.org', {
      credentials: { password: { config: { password: PASSWORD } } },
    });
    const at = `/admin/identities/${id}`;
    const include = `${at}?include_credential=password`;
    const before = (await admin.get(include)).json();
    const refused = await admin.patch(at, [{ op: 'add', path: '/metadata_admin', value: 1 }, operation]);
    assert.equal(refused.status, 400);
    assert.equal(refused.error().code, 400);
    assert.deepEqual((await admin.get(include)).json(), before);
  });
}

test('a patch sets traits, metadata, state and external id, and null takes them away', async (t) => {
  const admin = createAdmin(await startServer(t));
  const { id } = await admin.create('ada@example.org');
  const at = `/admin/identities/${id}`;
  const set = await admin.patch(at, [
    { op: 'add', path: '/traits/name', value: 'Ada' },
    { op: 'replace', path: '/metadata_public/plan/name', value: 'gold' },
    { op: 'add', path: '/metadata_admin', value: 7 },
    { op: 'add', path: '/external_id', value: 'crm-7' },
    { op: 'replace', path: '/state', value: 'inactive' },
  ]);
  const changed = set.json<IdentityJson>();
  assert.deepEqual(
    [changed.traits, changed.metadata_public, changed.metadata_admin, changed.external_id, changed.state],
    [{ email: 'ada@example.org', name: 'Ada' }, { plan: { name: 'gold' } }, 7, 'crm-7', 'inactive'],
  );
  const cleared = await admin.patch(at, [
    { op: 'remove', path: '/traits/name' },
    { op: 'replace', path: '/metadata_public', value: null },
    { op: 'remove', path: '/metadata_admin' },
    { op: 'replace', path: '/external_id', value: null },
  ]);
  const { traits, metadata_public, metadata_admin, external_id } = cleared.json<IdentityJson>();
  assert.deepEqual(
    [traits, metadata_public, metadata_admin, external_id],
    [{ email: 'ada@example.org' }, null, null, undefined],
  );
});

test('a changed address signs in at once, and is not verified yet', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const { id } = await admin.create('ada@example.org', {
    credentials: { password: { config: { password: PASSWORD } } },
    verifiable_addresses: [{ via: 'email', value: 'ada@example.org', verified: true }],
  });
  const patch = [{ op: 'replace', path: '/traits/email', value: 'eve@example.org' }];
  const changed = (await admin.patch(`/admin/identities/${id}`, patch)).json<IdentityJson>();
  assert.deepEqual(
    changed.verifiable_addresses?.map(({ value, verified }) => [value, verified]),
    [['eve@example.org', false]],
  );
  await createNativeApp(server).signIn('eve@example.org');
});

test('a password hash from elsewhere can be patched in', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const ada = await admin.create('ada@example.org');
  const eve = await admin.create('eve@example.org', {
    credentials: { password: { config: { password: OTHER_PASSWORD } } },
  });
  const read = (
    await admin.get(`/admin/identities/${eve.id}?include_credential=password`)
  ).json<IdentityJson>();
  const value = read.credentials?.['password']?.config?.['hashed_password'] ?? null;
  const path = '/credentials/password/config/hashed_password';
  assert.equal((await admin.patch(`/admin/identities/${ada.id}`, [{ op: 'add', path, value }])).status, 200);
  await createNativeApp(server).signIn('ada@example.org', { password: OTHER_PASSWORD });
});
