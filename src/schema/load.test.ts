import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../lib/clock.ts';
import { ApiError } from '../protocol/api-error.ts';
import { createSchemaRegistry, type SchemaRegistry } from './load.ts';

const person =
  '{ "title": "Person", "properties": { "traits": { "type": "object", "properties": { "email": { "type": "string", "format": "email", "ory.sh/kratos": { "credentials": { "alpha": { "identifier": true } } } } } } } }';
const referring = (ref: string): string =>
  JSON.stringify({
    definitions: { own: {} },
    properties: { traits: { type: 'object', properties: { a: { $ref: ref } } } },
  });

interface World {
  readonly registry: SchemaRegistry;
  readonly sources: Map<string, string>;
  readonly asked: string[];
  readonly clock: ReturnType<typeof createTestClock>;
}

async function world(
  of: Readonly<Record<string, string>>,
  references?: Readonly<Record<string, string>>,
): Promise<World> {
  const sources = new Map(Object.entries(of));
  const asked: string[] = [];
  const clock = createTestClock(1_000_000);
  const read = (from: ReadonlyMap<string, string>) => (url: string) => {
    asked.push(url);
    const text = from.get(url);
    return text === undefined ? Promise.reject(new Error(`no ${url}`)) : Promise.resolve(text);
  };
  const ids = ['default', 'remote', 'hidden'];
  const urls = ['file:///default.json', 'https://schemas.example/remote.json', 'base64://hidden'];
  const registry = await createSchemaRegistry({
    schemas: ids.map((id, i) => ({ id, url: urls[i] ?? '', isSelectable: id !== 'hidden' })),
    defaultId: 'default',
    readSource: read(sources),
    ...(references ? { readReference: read(new Map(Object.entries(references))) } : {}),
    credentialTypes: ['alpha'],
    clock,
  });
  return { registry, sources, asked, clock };
}
const all = {
  'file:///default.json': person,
  'https://schemas.example/remote.json': person,
  'base64://hidden': person,
};

test('schemas are found by id, and the default stands in for unknown ones', async () => {
  const { registry } = await world(all);
  assert.equal(registry.find('remote')?.raw, person);
  assert.deepEqual(
    [registry.get().id, registry.get('hidden').id, registry.get('unknown').id],
    ['default', 'hidden', 'default'],
  );
  assert.equal(registry.find('unknown'), undefined);
  assert.equal(await registry.load('unknown'), undefined);
  assert.deepEqual(
    registry.sources.map((source) => source.isSelectable),
    [true, true, false],
  );
  assert.deepEqual(registry.failures(), []);
  const schema = registry.get();
  assert.deepEqual(
    schema.validate({ traits: { email: 'x' } }).map((problem) => problem.message.id),
    [4000040],
  );
  const derived = schema.derive({ email: 'A@b.c' });
  assert.deepEqual(derived.ok && derived.credentials.map((hit) => hit.value), ['a@b.c']);
});

const FAILING: readonly (readonly [
  id: string,
  sources: Readonly<Record<string, string>>,
  status: number,
  errorId: string,
  reason: RegExp,
])[] = [
  ['default', { ...all, 'file:///default.json': '{' }, 500, 'invalid_configuration', /"default".*not JSON/],
  ['default', { ...all, 'file:///default.json': '{}' }, 500, 'invalid_configuration', /properties\.traits/],
  [
    'default',
    { ...all, 'file:///default.json': person.replace('alpha', 'omega') },
    500,
    'invalid_configuration',
    /omega/,
  ],
  ['hidden', { 'file:///default.json': person }, 500, 'invalid_configuration', /"hidden" could not be read/],
  ['remote', { 'file:///default.json': person }, 502, 'upstream_error', /"remote" could not be fetched/],
  [
    'default',
    { ...all, 'file:///default.json': referring('https://x.example/y.json') },
    500,
    'invalid_configuration',
    /not allowed/,
  ],
];

test('a schema that fails answers with its own error and leaves the others alone', async () => {
  for (const [id, sources, status, errorId, reason] of FAILING) {
    const { registry } = await world(sources);
    assert.throws(
      () => registry.find(id),
      (error) =>
        error instanceof ApiError &&
        error.status === status &&
        error.id === errorId &&
        reason.test(error.reason ?? ''),
      `${id} ${reason}`,
    );
    assert.match(registry.failures().find((failure) => failure.id === id)?.reason ?? '', reason);
    if (id !== 'default') assert.equal(registry.get().id, 'default');
  }
});

test('a failed source is asked again, but not at every request', async () => {
  const { registry, sources, asked, clock } = await world({
    'file:///default.json': person,
    'base64://hidden': person,
  });
  sources.set('https://schemas.example/remote.json', person);
  await assert.rejects(registry.load('remote'), ApiError);
  assert.equal(asked.filter((url) => url.startsWith('https:')).length, 1);
  clock.advance(10_000);
  assert.throws(() => registry.find('remote'), ApiError);
  assert.equal((await registry.load('remote'))?.id, 'remote');
  assert.equal(asked.filter((url) => url.startsWith('https:')).length, 2);
  assert.deepEqual(registry.failures(), []);
});

test('documents that a schema refers to are put into it', async () => {
  const references = {
    'https://x.example/y.json':
      '{"$id":"https://x.example/y.json","definitions":{"mail":{"$ref":"#/definitions/inner"},"inner":{"type":"string","format":"email","title":"Mail"},"far":{"$ref":"https://x.example/z.json"}}}',
    'https://x.example/z.json': '{"type":"integer"}',
  };
  const { registry, asked } = await world(
    { ...all, 'file:///default.json': referring('https://x.example/y.json#/definitions/mail') },
    references,
  );
  assert.deepEqual(
    registry
      .get()
      .validate({ traits: { a: 'x' } })
      .map((problem) => problem.message.id),
    [4000040],
  );
  assert.deepEqual(registry.get().validate({ traits: { a: 'a@b.c' } }), []);
  assert.equal(asked.filter((url) => url.startsWith('https://x.')).length, 2);
  assert.equal(registry.get().raw, referring('https://x.example/y.json#/definitions/mail'));
});

test('a chain of documents has an end', async () => {
  const references = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [
      `https://x.example/${i}.json`,
      JSON.stringify({ allOf: [{ $ref: `https://x.example/${i + 1}.json` }] }),
    ]),
  );
  const { registry } = await world(
    { ...all, 'file:///default.json': referring('https://x.example/0.json') },
    references,
  );
  assert.match(registry.failures()[0]?.reason ?? '', /more than 10 documents/);
});
