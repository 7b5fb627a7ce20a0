// An administrator creates many identities with one request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { type AdminAnswer, createAdmin, type ErrorJson, type IdentityJson } from '../support/admin.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, startServer } from '../support/server.ts';

interface ResultJson {
  readonly action: 'create' | 'error';
  readonly identity?: string;
  readonly patch_id?: string;
  readonly error?: ErrorJson;
}

const results = (answer: AdminAnswer): readonly (ResultJson | null)[] =>
  answer.json<{ readonly identities: readonly (ResultJson | null)[] }>().identities;
const entry = (email: string, of: JsonObject = {}): JsonObject => ({ create: { traits: { email }, ...of } });
const clear = { credentials: { password: { config: { password: PASSWORD } } } };
const P1 = '2f9a3e8c-8f43-4f1e-9f1e-000000000001';

test('a conflict or a schema error fails its own entry alone', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  await admin.create('ada@example.org');
  const answer = await admin.patch('/admin/identities', {
    identities: [
      entry('ada@example.org'),
      { ...entry('eve@example.org', clear), patch_id: P1 },
      entry('no address'),
      {},
      null,
      entry('eve@example.org'),
      entry('x@example.org', { schema_id: 'unknown' }),
    ],
  });
  assert.equal(answer.status, 200);
  const outcome = results(answer).map((result) => result && (result.error?.code ?? result.action));
  assert.deepEqual(outcome, [409, 'create', 400, null, null, 409, 400]);
  assert.equal(results(answer)[1]?.patch_id, P1);
  await createNativeApp(server).signIn('eve@example.org');
  assert.equal((await admin.get('/admin/identities')).json<readonly IdentityJson[]>().length, 2);
});

test('a thousand entries are created, each one with its events', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const admin = createAdmin(server);
  const identities = Array.from({ length: 1000 }, (_, index) => entry(`p${index}@example.org`));
  const answer = await admin.patch('/admin/identities', { identities });
  assert.equal(new Set(results(answer).map((result) => result?.identity)).size, 1000);
  const [row] = server.rows(`select count(*) as n from security_events where kind = 'identity.created'`);
  assert.equal(row?.['n'], 1000);
});

const many = (count: number, of: JsonObject = {}): JsonObject => ({
  identities: Array.from({ length: count }, (_, index) => entry(`p${index}@example.org`, of)),
});
const REFUSED: readonly (readonly [name: string, body: JsonObject])[] = [
  ['more than a thousand entries', many(1001)],
  ['more than two hundred clear passwords', many(201, clear)],
  ['an unknown key', { identities: [], extra: 1 }],
  ['an unknown key in an entry', { identities: [{ ...entry('a@example.org'), patch: 1 }] }],
  [
    'an unknown key in an identity',
    { identities: [entry('a@example.org'), entry('b@example.org', { x: 1 })] },
  ],
  ['a patch_id that is no UUID', { identities: [{ ...entry('a@example.org'), patch_id: 'x' }] }],
  ['a patch_id twice', { identities: [1, 2].map((n) => ({ ...entry(`p${n}@example.org`), patch_id: P1 })) }],
  ['entries that are no list', { identities: 'many' }],
  ['an entry that is no object', { identities: [entry('a@example.org'), 'x'] }],
  ['an identity that is no object', { identities: [{ create: [] }] }],
  [
    'a state that is none',
    { identities: [entry('a@example.org'), entry('b@example.org', { state: 'asleep' })] },
  ],
  [
    'a credential that cannot be imported',
    {
      identities: [
        entry('a@example.org'),
        entry('b@example.org', { credentials: { password: { config: { hashed_password: 'plain' } } } }),
      ],
    },
  ],
];
for (const [name, body] of REFUSED) {
  test(`a batch with ${name} is refused as a whole`, async (t) => {
    const admin = createAdmin(await startServer(t));
    const answer = await admin.patch('/admin/identities', body);
    assert.deepEqual([answer.status, answer.error().code], [400, 400]);
    assert.deepEqual((await admin.get('/admin/identities')).json(), []);
  });
}

test('an empty batch creates nothing', async (t) => {
  const admin = createAdmin(await startServer(t));
  for (const body of [{}, { identities: [] }, { identities: null }]) {
    assert.deepEqual(results(await admin.patch('/admin/identities', body)), []);
  }
});
