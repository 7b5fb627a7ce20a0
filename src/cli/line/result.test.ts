import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Result, writeResult } from './result.ts';
import { createTestIo, invocationOf } from './test-io.ts';

const people: Result = {
  json: { people: [{ id: 'a', name: 'Ada' }, { id: 'b' }] },
  columns: ['ID', 'NAME'],
  rows: [
    ['a', 'Ada Lovelace'],
    ['bb', ''],
  ],
  ids: ['a', 'bb'],
  footer: [['NEXT', '']],
};

async function write(result: Result, ...flags: readonly string[]): Promise<string> {
  const io = createTestIo();
  await writeResult(result, invocationOf('identities', 'list', ...flags), io);
  return io.written().out;
}

describe('results', () => {
  it('are a table with aligned columns, which says where there is nothing', async () => {
    assert.equal(await write(people), 'ID  NAME\na   Ada Lovelace\nbb  <none>\n\nNEXT  <none>\n');
  });

  it('keep the header of an empty table', async () => {
    assert.equal(await write({ ...people, rows: [], footer: [] }), 'ID  NAME\n');
  });

  it('are lines of name and value for a single thing', async () => {
    const single = { ...people, rows: [['a', 'Ada']], isSingle: true, footer: [] };
    assert.equal(await write(single), 'ID\ta\nNAME\tAda\n');
  });

  it('never carry control characters of stored values to the terminal', async () => {
    const out = await write({ ...people, rows: [['a', '\u001b[31mred\nline \u202eback']], footer: [] });
    assert.equal(out, 'ID  NAME\na   \ufffd[31mred\ufffdline \ufffdback\n');
  });

  it('are JSON and YAML for programs', async () => {
    assert.deepEqual(JSON.parse(await write(people, '--format', 'json')), people.json);
    assert.match(await write(people, '--format', 'json-pretty'), /^\{\n {2}"people"/);
    assert.equal(await write(people, '--format', 'yaml'), 'people:\n  - id: a\n    name: Ada\n  - id: b\n');
  });

  it('can be a part: text without quotes, everything else as JSON', async () => {
    assert.equal(await write(people, '--format', 'jsonpath=people.0.name'), 'Ada\n');
    assert.equal(await write(people, '--format', 'jsonpointer=/people/1'), '{"id":"b"}\n');
    assert.equal(await write(people, '--format', 'jsonpath=people.7.name'), '\n');
    assert.equal(await write(people, '--format', 'jsonpath=constructor'), '\n');
  });

  it('are ids alone with --quiet', async () => {
    assert.equal(await write(people, '-q'), 'a\nbb\n');
  });

  it('refuse a format that does not exist', async () => {
    await assert.rejects(write(people, '--format', 'xml'), { name: 'UsageError' });
  });
});
