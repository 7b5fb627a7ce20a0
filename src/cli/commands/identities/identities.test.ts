import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { nextPageToken } from '../../admin-api.ts';
import { collect, createTestIo } from '../../line/test-io.ts';
import { readIdentities } from './files.ts';
import { traitsFromFlags } from './identities.ts';
import { batches, type ImportEntry } from './import-batch.ts';
import { asRequest, identityShapeFaults } from './shape.ts';

describe('traits of the command line', () => {
  it('are text, or JSON where that is said, and dots reach into objects', () => {
    assert.deepEqual(
      traitsFromFlags(['email=a@b.c', 'name.first=Ada', 'name.last=L=ace', 'age:=36', 'phone=0123']),
      {
        email: 'a@b.c',
        name: { first: 'Ada', last: 'L=ace' },
        age: 36,
        phone: '0123',
      },
    );
  });

  it('cannot change what objects are', () => {
    const traits = traitsFromFlags(['__proto__.admin=yes']);
    assert.equal(Object.getPrototypeOf(traits), Object.prototype);
    assert.deepEqual(Object.keys(traits), ['__proto__']);
  });

  it('are refused where they are none', () => {
    assert.throws(() => traitsFromFlags(['email']), /is not a trait/);
    assert.throws(() => traitsFromFlags(['age:=many']), /is not JSON/);
  });
});

describe('files of identities', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bia-cli-'));
  after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const read = async (files: readonly string[], stdin = '') => {
    const entries = await collect(readIdentities(files, createTestIo({ readStdin: async () => stdin })));
    return entries.map(({ source, value }) => [path.basename(source), value]);
  };

  it('hold one identity, a list, what a list command wrote, YAML or JSON Lines', async () => {
    const one = write('one.json', '{"traits":{}}');
    const list = write('list.json', '[1,2]');
    const page = write('page.json', '{"identities":[3],"next_page_token":""}');
    const yaml = write('four.yaml', '- traits:\n    email: a@b.c\n');
    const lines = write('five.jsonl', '{"n":5}\n\n{"n":6}\n');
    assert.deepEqual(await read([one, list, page, yaml, lines]), [
      ['one.json', { traits: {} }],
      ['list.json#1', 1],
      ['list.json#2', 2],
      ['page.json#1', 3],
      ['four.yaml#1', { traits: { email: 'a@b.c' } }],
      ['five.jsonl:1', { n: 5 }],
      ['five.jsonl:3', { n: 6 }],
    ]);
  });

  it('may come from standard input, as JSON or as lines of it', async () => {
    assert.deepEqual(await read([], '[{"n":1}]'), [['standard input#1', { n: 1 }]]);
    assert.deepEqual(await read([], '{"n":1}\n{"n":2}\n'), [
      ['standard input:1', { n: 1 }],
      ['standard input:2', { n: 2 }],
    ]);
  });

  it('may begin with a byte order mark', async () => {
    assert.deepEqual(await read([write('mark.json', '\ufeff{"n":1}')]), [['mark.json', { n: 1 }]]);
    assert.deepEqual(await read([write('mark.jsonl', '\ufeff{"n":1}\n{"n":2}')]), [
      ['mark.jsonl:1', { n: 1 }],
      ['mark.jsonl:2', { n: 2 }],
    ]);
    assert.deepEqual(await read([write('mark.yml', '\ufeffn: 1\n')]), [['mark.yml', { n: 1 }]]);
    assert.deepEqual(await read([], '\ufeff{"n":1}\n{"n":2}\n'), [
      ['standard input:1', { n: 1 }],
      ['standard input:2', { n: 2 }],
    ]);
  });

  it('go on after a line that cannot be read, wherever it stands', async () => {
    const lines = ['{"n":1', '{"n":2}', 'nonsense', '{"n":4}', ''].join('\r\n');
    const fault = 'this line is not JSON';
    for (const entries of [
      await collect(readIdentities([write('some.jsonl', lines)], createTestIo())),
      await collect(readIdentities([], createTestIo({ readStdin: async () => lines }))),
    ]) {
      assert.deepEqual(
        entries.map((entry) => [entry.source.replace(/^.*:/, ''), entry.fault]),
        [
          ['1', fault],
          ['2', undefined],
          ['3', fault],
          ['4', undefined],
        ],
      );
    }
  });

  it('say what is wrong with them, and where', async () => {
    await assert.rejects(
      read([path.join(folder, 'none.json')]),
      /none\.json cannot be read: there is no such file/,
    );
    await assert.rejects(
      read([path.join(folder, 'none.jsonl')]),
      /none\.jsonl cannot be read: there is no such file/,
    );
    await assert.rejects(read([write('bad.json', '{"a":')]), /bad\.json is not JSON/);
    await assert.rejects(read([write('empty.json', '')]), /empty\.json is empty/);
  });
});

it('the shape of an identity is checked before it is sent', () => {
  assert.deepEqual(identityShapeFaults({ schema_id: 'person', traits: {}, state: 'inactive' }), []);
  assert.deepEqual(identityShapeFaults(7), ['it is not an object']);
  assert.deepEqual(identityShapeFaults({ trait: {}, state: 'asleep' }), [
    'there is no key "trait"; did you mean "traits"?',
    'traits is missing',
    'state must be active or inactive',
  ]);
});

it('an answer of the API becomes a request', () => {
  const times = { created_at: '2030-01-01T00:00:00Z', updated_at: '2030-01-01T00:00:00Z' };
  const address = { id: 'a', value: 'a@b.c', via: 'email', verified: true, status: 'completed', ...times };
  const answer = {
    ...{
      id: 'x',
      schema_id: 'person',
      schema_url: 'http://x',
      state: 'active',
      state_changed_at: null,
      ...times,
    },
    ...{
      traits: { email: 'a@b.c' },
      metadata_public: null,
      organization_id: null,
      verifiable_addresses: [address],
    },
    credentials: {
      password: {
        type: 'password',
        identifiers: ['a@b.c'],
        config: { hashed_password: '$2a$…' },
        version: 0,
        ...times,
      },
      code: { type: 'code', identifiers: ['a@b.c'], version: 0, ...times },
    },
  };
  const request = asRequest(answer);
  assert.deepEqual(identityShapeFaults(request), []);
  assert.deepEqual(request, {
    ...{
      schema_id: 'person',
      state: 'active',
      traits: { email: 'a@b.c' },
      metadata_public: null,
      organization_id: null,
    },
    verifiable_addresses: [address],
    credentials: { password: { config: { hashed_password: '$2a$…' } } },
  });
  const written = { traits: {}, credentials: { password: { config: {} }, other: 7 } };
  assert.deepEqual(asRequest(written), written, 'what is written for an import is not touched');
});

describe('batches', () => {
  const sizes = async (entries: readonly ImportEntry[], size: number): Promise<readonly number[]> => {
    async function* stream() {
      yield* entries;
    }
    return (await collect(batches(stream(), size))).map((batch) => batch.length);
  };
  const entry = (value: ImportEntry['value']): ImportEntry => ({ source: 'x', value });

  it('have the wanted size', async () => {
    assert.deepEqual(await sizes(Array(5).fill(entry({ traits: {} })), 2), [2, 2, 1]);
    assert.deepEqual(await sizes([], 2), []);
  });

  it('hold no more passwords in clear than the server hashes in one request', async () => {
    const clear = entry({ traits: {}, credentials: { password: { config: { password: 'correct horse' } } } });
    const hashed = entry({ traits: {}, credentials: { password: { config: { hashed_password: '$2a$…' } } } });
    assert.deepEqual(await sizes(Array(401).fill(clear), 1000), [200, 200, 1]);
    assert.deepEqual(await sizes(Array(401).fill(hashed), 1000), [401]);
  });

  it('stay below the limit of a body', async () => {
    const large = entry({ traits: { text: 'x'.repeat(1024 * 1024) } });
    assert.deepEqual(await sizes(Array(5).fill(large), 1000), [3, 2]);
  });
});

it('the next page is found among the links of an answer', () => {
  const first = '</admin/identities?page_size=1&page_token=0>; rel="first"';
  assert.equal(nextPageToken(`${first},</admin/identities?page_size=1&page_token=a%2Cb>; rel="next"`), 'a,b');
  assert.equal(nextPageToken(first), undefined);
  assert.equal(nextPageToken(null), undefined);
});
