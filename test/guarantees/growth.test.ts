// What strangers without an account can make the database keep: little, and not for long.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createJanitor, databaseChores } from '../../src/app/janitor.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { HOUR_MS, schemaUrl, startServer, type TestServer } from '../support/server.ts';

const BIG = 100_000;
const big = (letter: string): string => letter.repeat(BIG);

const bytesOf = (server: TestServer, table: string, columns: string): number =>
  Number(server.rows(`select coalesce(sum(length(${columns})), 0) as bytes from ${table}`)[0]?.['bytes']);

const countOf = (server: TestServer, table: string): number =>
  Number(server.rows(`select count(*) as n from ${table}`)[0]?.['n']);

/** All tables that a stranger's request may write to. */
function kept(server: TestServer): Readonly<Record<string, number>> {
  return {
    flows: bytesOf(server, 'flows', 'body'),
    errors: bytesOf(server, 'flow_errors', 'error'),
    events: bytesOf(server, 'security_events', 'body'),
    counters: bytesOf(server, 'counters', 'key'),
    secrets: bytesOf(server, 'one_time_secrets', 'id'),
    messages: countOf(server, 'courier_messages'),
  };
}

const total = (sizes: Readonly<Record<string, number>>): number =>
  Object.values(sizes).reduce((sum, size) => sum + size, 0);

const HOSTILE: readonly (readonly [name: string, kind: 'login' | 'registration', body: JsonObject])[] = [
  ['a long identifier', 'login', { method: 'password', identifier: big('i'), password: 'x' }],
  ['a long password', 'login', { method: 'password', identifier: 'ada', password: big('p') }],
  [
    'a long e-mail address',
    'registration',
    { method: 'password', password: 'x', traits: { email: big('e') } },
  ],
  [
    'a long trait that is fine',
    'registration',
    { method: 'password', password: 'x', traits: { email: 'x', bio: big('b') } },
  ],
  [
    'thousands of unknown traits',
    'registration',
    {
      method: 'password',
      password: 'x',
      traits: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`t${i}`, i])),
    },
  ],
  [
    'a trait with a long name',
    'registration',
    { method: 'password', password: 'x', traits: { [big('n')]: 'x' } },
  ],
  [
    'a deep trait',
    'registration',
    {
      method: 'password',
      password: 'x',
      traits: { email: { a: { b: { c: Array.from({ length: 5000 }, (_, i) => i) } } } },
    },
  ],
  ['a long method', 'registration', { method: big('m'), traits: { email: 'x' } }],
  [
    'a long payload for hooks',
    'registration',
    { method: 'password', password: 'x', traits: {}, transient_payload: { x: big('t') } },
  ],
];

describe('what a refused submission leaves behind is small', () => {
  for (const [name, kind, body] of HOSTILE) {
    it(name, async (t) => {
      const server = await startServer(t, { isOnDisk: true });
      const app = createNativeApp(server);
      const flow = await app.start(kind);
      const before = total(kept(server));
      const answer = await app.send(flow, body);
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
      const shown = await answer.text();
      const after = kept(server);
      const grown = total(after) - before;
      assert.ok(grown < 40_000, `${grown} bytes: ${JSON.stringify(after)}`);
      assert.ok(shown.length < 60_000, `an answer of ${shown.length} characters`);
      t.diagnostic(`${JSON.stringify(body).length} bytes sent, ${grown} kept`);
    });
  }
});

/** Takes any trait, as schemas in development often do. */
const OPEN_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          'ory.sh/kratos': { credentials: { password: { identifier: true } } },
        },
        list: { type: 'array', items: { type: 'string', maxLength: 1 } },
      },
      required: ['email'],
    },
  },
};

describe('the same with a schema that takes anything', () => {
  for (const [name, traits] of [
    ['thousands of traits', Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`t${i}`, i]))],
    ['a trait with a long name', { [big('n')]: 'x' }],
    ['a long trait', { bio: big('b') }],
    ['thousands of wrong entries', { list: Array.from({ length: 9000 }, () => 'long') }],
    [
      'a trait within traits within traits',
      JSON.parse(`${'{"a":'.repeat(40)}"${big('x')}"${'}'.repeat(40)}`),
    ],
  ] as readonly (readonly [string, JsonObject])[]) {
    it(name, async (t) => {
      const identity = { default_schema_id: 'open', schemas: [{ id: 'open', url: schemaUrl(OPEN_SCHEMA) }] };
      const server = await startServer(t, { isOnDisk: true, config: { identity } });
      const app = createNativeApp(server);
      const flow = await app.start('registration');
      const before = total(kept(server));
      const answer = await app.send(flow, {
        method: 'password',
        password: 'x',
        traits: { email: 'wrong', ...traits },
      });
      assert.equal(answer.status, 400);
      const grown = total(kept(server)) - before;
      assert.ok(grown < 60_000, `${grown} bytes`);
      t.diagnostic(`${JSON.stringify(traits).length} bytes sent, ${grown} kept`);
    });
  }
});

it('an endless address starts no flow', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  for (const [kind, type] of [
    ['login', 'api'],
    ['registration', 'browser'],
    ['recovery', 'api'],
  ] as const) {
    const refused = await server.ask('GET', `/self-service/${kind}/${type}?x=${'x'.repeat(9000)}`, {
      headers: { accept: 'application/json' },
    });
    assert.equal(refused.status, 400);
  }
  assert.equal(countOf(server, 'flows'), 0);
});

it('a sign-up that is left halfway is gone as soon', async (t) => {
  const identity = { default_schema_id: 'open', schemas: [{ id: 'open', url: schemaUrl(OPEN_SCHEMA) }] };
  const flows = { registration: { style: 'profile_first' } };
  const server = await startServer(t, { isOnDisk: true, config: { identity, selfservice: { flows } } });
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  const traits = { email: 'ada@example.org', bio: 'b'.repeat(5000) };
  assert.equal((await app.send(flow, { method: 'profile', traits })).status, 400);
  assert.ok(kept(server)['flows'] ?? 0 > 5000, 'what was typed comes along to the next step');
  server.clock.advance(2 * HOUR_MS + 1);
  const { clock, bia } = server;
  const janitor = createJanitor({ clock, chores: databaseChores(bia.database), pauseMs: 0 });
  await janitor.sweep();
  await janitor.stop();
  assert.equal(countOf(server, 'flows'), 0);
});

it('what a crowd of strangers start and never finish is small, and gone two hours later', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const app = createNativeApp(server);
  for (let i = 0; i < 250; i++) {
    for (const kind of ['login', 'registration'] as const) {
      const flow = await app.start(kind);
      const body = { method: 'password', password: 'x', identifier: big('i'), traits: { email: big('e') } };
      assert.equal((await app.send(flow, body)).status, 400);
    }
  }
  const full = kept(server);
  t.diagnostic(`kept of 500 refused submissions of 200 kB: ${JSON.stringify(full)}`);
  assert.ok(total(full) < 500 * 16_000, JSON.stringify(full));
  const janitor = createJanitor({
    clock: server.clock,
    chores: databaseChores(server.bia.database),
    batchSize: 1000,
    pauseMs: 0,
  });
  server.clock.advance(2 * HOUR_MS + 1);
  await janitor.sweep();
  assert.equal(countOf(server, 'flows'), 0);
  server.clock.advance(90 * 24 * HOUR_MS);
  await janitor.sweep();
  await janitor.stop();
  assert.deepEqual(
    Object.values(kept(server)).filter((size) => size > 0),
    [],
    JSON.stringify(kept(server)),
  );
});
