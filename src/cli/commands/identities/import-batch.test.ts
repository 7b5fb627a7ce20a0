import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../../lib/json.ts';
import { type AdminApi, AdminRefusal } from '../../admin-api.ts';
import { CommandError } from '../../line/command.ts';
import { type ImportEntry, sendBatch } from './import-batch.ts';

/** A server that judges entries by their `schema_id`. */
function server(): AdminApi & { readonly requests: number[] } {
  const requests: number[] = [];
  const create = (value: JsonObject): Json => {
    const { schema_id: kind } = value;
    if (kind === 'poison') throw new AdminRefusal(400, 'one entry is malformed');
    if (kind === 'down') throw new CommandError('no server answers');
    if (kind === 'broken') throw new AdminRefusal(500, 'the database is gone');
    if (kind === 'taken') return { action: 'error', error: { code: 409, reason: 'it exists already' } };
    return { action: 'create', identity: `id of ${String(value['external_id'])}` };
  };
  const send = async (_method: string, _path: string, body?: Json) => {
    const patches = isJsonObject(body) && Array.isArray(body['identities']) ? body['identities'] : [];
    requests.push(patches.length);
    const identities = patches
      .filter(isJsonObject)
      .flatMap(({ create: value }) => (isJsonObject(value) ? create(value) : []));
    return { json: { identities }, nextPageToken: undefined };
  };
  const unused = () => Promise.reject(new Error('not asked for'));
  return { endpoint: 'http://test', get: unused, status: unused, send, requests };
}

const entries = (...kinds: readonly string[]): readonly ImportEntry[] =>
  kinds.map((kind, index) => ({
    source: `#${index + 1}`,
    value: { schema_id: kind, external_id: String(index + 1), traits: {} },
  }));

describe('a batch of identities', () => {
  it('tells what was created and what was not', async () => {
    const { ids, failures } = await sendBatch(server(), entries('person', 'taken', 'person'));
    assert.deepEqual(ids, ['id of 1', 'id of 3']);
    assert.deepEqual(
      failures.map(({ source, reason, isConflict }) => [source, reason, isConflict]),
      [['#2', 'it exists already', true]],
    );
  });

  it('that is refused as a whole is split until the entries at fault stand alone', async () => {
    const api = server();
    const kinds = Array.from({ length: 64 }, (_, index) =>
      index === 9 || index === 40 ? 'poison' : 'person',
    );
    const { ids, failures } = await sendBatch(api, entries(...kinds));
    assert.equal(ids.length, 62);
    assert.deepEqual(
      failures.map(({ source, reason }) => [source, reason]),
      [
        ['#10', 'one entry is malformed'],
        ['#41', 'one entry is malformed'],
      ],
    );
    assert.ok(api.requests.length < 30, `${api.requests.length} requests`);
  });

  it('is not split where the server itself is at fault', async () => {
    for (const kind of ['down', 'broken']) {
      const api = server();
      await assert.rejects(sendBatch(api, entries('person', kind)));
      assert.equal(api.requests.length, 1);
    }
  });
});
