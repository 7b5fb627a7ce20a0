// Nobody stops the server with a body: what is read is bounded, and so is what checking it may cost, whatever the schema.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/lib/json.ts';
import { json } from '../support/flow-json.ts';
import { ADMIN_BODY_SHAPES, type HeavyBody, heavyBody, SUBMISSION_SHAPES } from '../support/heavy-bodies.ts';
import { HEAVY_SCHEMA } from '../support/heavy-schema.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, schemaUrl, startServer, type TestServer } from '../support/server.ts';

const SEED = Number(process.env['BIA_TEST_SEED'] ?? 20_300_102);
/**
 * Time of the processor, so that other work on the machine does not count. Far more than a body takes, and far less than
 * those took that are the reason for this test: 1 to 40 s. `npm run hostile` measures closely.
 */
const MOST_CPU_MS = 600;

const HEAVY: JsonObject = {
  identity: { default_schema_id: 'heavy', schemas: [{ id: 'heavy', url: schemaUrl(HEAVY_SCHEMA) }] },
  selfservice: {
    methods: { code: { enabled: true, passwordless_enabled: true }, link: { enabled: true } },
    flows: {
      recovery: { enabled: true, ui_url: `${APP_URL}/recovery` },
      verification: { enabled: true, ui_url: `${APP_URL}/verification` },
    },
  },
};

/** Sends the body and says how long the thread worked. */
async function measured(send: () => Promise<Response>, what: string): Promise<void> {
  const before = process.threadCpuUsage();
  const response = await send();
  await response.text();
  const { user, system } = process.threadCpuUsage(before);
  assert.ok(response.status < 500, `${what}: ${response.status}`);
  assert.ok((user + system) / 1000 < MOST_CPU_MS, `${what}: ${(user + system) / 1000} ms`);
}

const bodiesOf = (shapes: readonly ((room: number) => HeavyBody)[], most: number): readonly HeavyBody[] => [
  ...shapes.map((make) => make(most)),
  ...fc.sample(heavyBody(shapes, most), { seed: SEED, numRuns: 60 }),
];

async function heavyServer(t: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(t, { config: HEAVY });
  // What runs for the first time is compiled first.
  await createNativeApp(server).signUp('first@example.org');
  return server;
}

test('no submission of a flow keeps the server busy, whatever the identity schema', async (t) => {
  const server = await heavyServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const stranger = createNativeApp(server);
  for (const kind of ['registration', 'login', 'settings', 'verification'] as const) {
    for (const { what, type, bytes } of bodiesOf(SUBMISSION_SHAPES, 256 * 1024 - 64)) {
      const own = kind === 'settings' ? app : stranger;
      const flow = await own.start(kind);
      const headers = {
        'content-type': type,
        accept: 'application/json',
        ...(kind === 'settings' ? { 'x-session-token': app.token } : {}),
      };
      await measured(() => server.ask('POST', flow.ui.action, { headers, body: bytes }), `${kind}: ${what}`);
    }
  }
});

test('no body of an administrator keeps the server busy', async (t) => {
  const server = await heavyServer(t);
  const { id } = await json<{ id: string }>(
    await server.askAdmin('GET', '/admin/identities').then(async (response) => {
      const [first] = (await response.json()) as { id: string }[]; // the list of identities
      return Response.json(first);
    }),
  );
  const doors = [
    ['POST', '/admin/identities'],
    ['PATCH', '/admin/identities'],
    ['PUT', `/admin/identities/${id}`],
    ['PATCH', `/admin/identities/${id}`],
    ['POST', '/admin/recovery/code'],
  ] as const;
  const bodies = bodiesOf(ADMIN_BODY_SHAPES, 1024 * 1024).filter(
    ({ what }) => !/batch of .*people/.test(what),
  );
  for (const [method, path] of doors) {
    for (const { what, type, bytes } of bodies) {
      const send = () => server.askAdmin(method, path, { headers: { 'content-type': type }, body: bytes });
      await measured(send, `${method} ${path}: ${what}`);
    }
  }
});

test('a body of the public port has at most 256 KiB, or what is configured; one of administrators more', async (t) => {
  const body = (bytes: number): string => `{"a":"${'x'.repeat(bytes - 8)}"}`;
  const headers = { 'content-type': 'application/json' };
  const refusalOf = async (server: TestServer, bytes: number): Promise<string> => {
    const flow = await createNativeApp(server).start('login');
    const response = await server.ask('POST', flow.ui.action, { headers, body: body(bytes) });
    return /larger than \d+ KiB/.exec(await response.text())?.[0] ?? '';
  };
  const server = await startServer(t);
  assert.equal(await refusalOf(server, 256 * 1024), '');
  assert.equal(await refusalOf(server, 256 * 1024 + 1), 'larger than 256 KiB');
  const small = await startServer(t, { config: { serve: { public: { max_body_size: '2KB' } } } });
  assert.equal(await refusalOf(small, 2 * 1024 + 1), 'larger than 2 KiB');
  const people = await server.askAdmin('POST', '/admin/identities', {
    headers,
    body: JSON.stringify({ traits: { email: 'a@example.org' }, metadata_admin: 'x'.repeat(3 * 1024 * 1024) }),
  });
  assert.equal(people.status, 201);
});
