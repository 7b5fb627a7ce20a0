// The port of stored errors.
import assert from 'node:assert/strict';
import { onEachDatabase } from '../support/databases.ts';
import { UNSTORABLE } from '../support/samples.ts';

onEachDatabase('an error comes back as it was stored', async ({ stores }) => {
  const stored = {
    id: 'error-1',
    error: { code: 500, reason: 'a \u0000 b \ud800', details: { list: [null] } },
    createdAtMs: 1_893_456_000_000,
  };
  await stores.errors.insert(stored);
  assert.deepEqual(await stores.errors.find('error-1'), stored);
});

onEachDatabase('an error that is not there is not found, whatever is asked for', async ({ stores }) => {
  for (const id of ['', 'error-1', "' or 1=1 --", ...UNSTORABLE]) {
    assert.equal(await stores.errors.find(id), undefined);
  }
});

onEachDatabase('old errors go a step at a time', async ({ stores }) => {
  for (const createdAtMs of [1, 2, 3, 4]) {
    await stores.errors.insert({ id: `error-${createdAtMs}`, error: {}, createdAtMs });
  }
  assert.equal(await stores.errors.deleteBefore(4, 2), 2);
  assert.equal(await stores.errors.deleteBefore(4, 2), 1);
  assert.equal(await stores.errors.deleteBefore(4, 2), 0);
  assert.ok(await stores.errors.find('error-4'));
});
