// Whatever is sent to the administrators' API, the answer is never our own failure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/lib/json.ts';
import { createAdmin } from '../support/admin.ts';
import { startServer } from '../support/server.ts';

const MEBIBYTE = 1024 * 1024;
const UNREADABLE: readonly (readonly [name: string, body: string | Uint8Array<ArrayBuffer>])[] = [
  ['empty', ''],
  ['cut off', '{"traits":{"email"'],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['null', 'null'],
  ['two values', '{} {}'],
  ['a number that is too large', '{"traits":{"email":"a@example.org"},"metadata_public":1e999}'],
  ['a NUL', '{"traits":{"email":"a\\u0000@example.org"}}'],
  ['a NUL in a key', '{"traits":{"email":"a@example.org"},"metadata_public":{"a\\u0000":1}}'],
  ['half a character', '{"traits":{"email":"a@example.org"},"external_id":"\\ud800"}'],
  ['the name __proto__', '{"traits":{"email":"a@example.org"},"metadata_public":{"__proto__":{}}}'],
  ['no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['nested deeper than it can be', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['nested deeply inside', `{"traits":{},"metadata_public":${'['.repeat(2_000)}${']'.repeat(2_000)}}`],
  ['five mebibytes of values', `[${'1,'.repeat((5 * MEBIBYTE) / 2 - 2)}1]`],
  ['larger than five mebibytes', `"${'x'.repeat(5 * MEBIBYTE)}"`],
];

test('a body that cannot be read is refused with 400, wherever it is sent', async (t) => {
  const admin = createAdmin(await startServer(t));
  const { id } = await admin.create('ada@example.org');
  const places = [
    ['POST', '/admin/identities'],
    ['PATCH', '/admin/identities'],
    ['PUT', `/admin/identities/${id}`],
    ['PATCH', `/admin/identities/${id}`],
    ['POST', '/admin/sessions'],
  ] as const;
  for (const [name, body] of UNREADABLE) {
    for (const [method, path] of places) {
      // A list of operations may be empty: nothing is changed then.
      if (name === 'a list' && path.endsWith(id) && method === 'PATCH') continue;
      const refused = await admin.send(method, path, body);
      assert.deepEqual([refused.status, refused.error().code], [400, 400], `${method} ${path}: ${name}`);
    }
  }
});

test('a body of almost five mebibytes is taken', async (t) => {
  const admin = createAdmin(await startServer(t));
  const metadata = 'x'.repeat(5 * MEBIBYTE - 200);
  const { id } = await admin.create('ada@example.org', { metadata_admin: metadata });
  const read = (await admin.get(`/admin/identities/${id}`)).json<{ readonly metadata_admin: string }>();
  assert.equal(read.metadata_admin.length, metadata.length);
});

test('replacing needs the content type JSON, with or without parameters', async (t) => {
  const server = await startServer(t);
  const { id } = await createAdmin(server).create('ada@example.org');
  const body = JSON.stringify({ traits: { email: 'ada@example.org' } });
  const put = async (contentType: string) =>
    (
      await server.askAdmin('PUT', `/admin/identities/${id}`, {
        headers: { 'content-type': contentType },
        body,
      })
    ).status;
  assert.equal(await put('application/json; charset=utf-8'), 200);
  assert.equal(await put('text/plain'), 400);
});

const WRONG_FIELDS: readonly (readonly [name: string, of: JsonObject, inReason: RegExp])[] = [
  ['state', { state: 'asleep' }, /^state: /],
  ['schema_id', { schema_id: 7 }, /^schema_id: /],
  ['traits', { traits: 'x' }, /^traits: /],
  ['traits.email', { traits: { email: 'x' } }, /^traits\.email: /],
  ['external_id', { external_id: {} }, /^external_id: /],
  ['region', { region: 'moon' }, /^region: /],
  ['organization_id', { organization_id: 'x' }, /^organization_id: /],
  ['credentials', { credentials: [] }, /^credentials: /],
  ['credentials.password', { credentials: { password: 'x' } }, /^credentials\.password: /],
  [
    'the type of a hash',
    { credentials: { password: { config: { hashed_password: 7 } } } },
    /^credentials\.password: .*hashed_password/,
  ],
  [
    'a key of a config',
    { credentials: { password: { config: { hash: 'x' } } } },
    /^credentials\.password: .*hash/,
  ],
  ['verified_at', { verifiable_addresses: [{ value: 'a', via: 'email', verified_at: 'x' }] }, /verified_at/],
  ['created_at', { recovery_addresses: [{ value: 'a', via: 'email', created_at: 'x' }] }, /created_at/],
];
for (const [name, of, inReason] of WRONG_FIELDS) {
  test(`a refusal names what is wrong: ${name}`, async (t) => {
    const admin = createAdmin(await startServer(t));
    const refused = await admin.post('/admin/identities', { traits: { email: 'ada@example.org' }, ...of });
    assert.equal(refused.status, 400);
    assert.match(refused.error().reason ?? '', inReason);
  });
}

test('an unknown key is named, wherever it stands', async (t) => {
  const admin = createAdmin(await startServer(t));
  for (const [of, key] of [
    [{ surprise: 1 }, 'surprise'],
    [{ credentials: { password: { cfg: {} } } }, 'credentials.password.cfg'],
    [{ verifiable_addresses: [{ value: 'a', via: 'email', x: 1 }] }, 'verifiable_addresses.0.x'],
  ] as const) {
    const refused = await admin.post('/admin/identities', { traits: { email: 'ada@example.org' }, ...of });
    assert.equal(refused.status, 400);
    assert.ok(refused.error().message.endsWith(key), refused.error().message);
  }
});

const word = fc.constantFrom(
  'traits',
  'email',
  'schema_id',
  'person',
  'state',
  'active',
  'credentials',
  'password',
  'config',
  'identities',
  'create',
  'patch_id',
  'op',
  'add',
  'remove',
  'replace',
  'path',
  '/traits/email',
  '/credentials/password',
  '/metadata_public/-',
  'value',
  'verifiable_addresses',
  'metadata_public',
  'external_id',
  'action',
  'delete',
  'sessions',
  'ada@example.org',
  '*',
  'toString',
  'constructor',
);
const { value: anyJson } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(word, fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof({ weight: 5, arbitrary: word }, { weight: 1, arbitrary: fc.string() }),
      tie('value'),
      {
        maxKeys: 5,
      },
    ),
  ),
}));

test('no JSON at all makes the server fail', async (t) => {
  const admin = createAdmin(await startServer(t));
  const { id } = await admin.create('grace@example.org');
  const one = `/admin/identities/${id}`;
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace'),
    path: fc.string(),
    value: anyJson,
  });
  const body = fc.oneof(anyJson, fc.array(operation, { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(body, async (value) => {
      const identity = { traits: { email: 'ada@example.org' }, metadata_public: value };
      const answers = [
        await admin.post('/admin/identities', value),
        await admin.post('/admin/identities', identity),
        await admin.patch('/admin/identities', value),
        await admin.patch('/admin/identities', { identities: [{ create: value }] }),
        await admin.put(one, value),
        await admin.patch(one, value),
        await admin.patch(one, [{ op: 'add', path: '/traits', value }]),
        await admin.post('/admin/sessions', value),
        await admin.get(one),
      ];
      for (const { status } of answers) assert.ok(status < 500, `${status}`);
    }),
    { numRuns: 150, seed: 20300101 },
  );
});
