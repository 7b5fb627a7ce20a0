// The port of counters: nothing is lost when many count at once.
import assert from 'node:assert/strict';
import { onEachDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { UNSTORABLE } from '../support/samples.ts';

const count = (key: string, windowStartMs = 0, by = 1) => ({ key, windowStartMs, by });

onEachDatabase('totals come back in the order in which they were asked for', async ({ stores }) => {
  assert.deepEqual(await stores.counters.add([]), []);
  assert.deepEqual(await stores.counters.add([count('b', 0, 5), count('a'), count('b', 60_000)]), [5, 1, 1]);
  assert.deepEqual(await stores.counters.add([count('a'), count('c', 0, 0), count('b')]), [2, 0, 6]);
});

onEachDatabase('a key that is named twice counts twice', async ({ stores }) => {
  assert.deepEqual(await stores.counters.add([count('a'), count('b'), count('a', 0, 2)]), [3, 1, 3]);
});

onEachDatabase('a key may be any text', async ({ stores }) => {
  const keys = ['', "it's", 'a\nb', '%', 'é', ...UNSTORABLE];
  for (const total of [1, 2]) {
    assert.deepEqual(
      await stores.counters.add(keys.map((key) => count(key))),
      keys.map(() => total),
    );
  }
});

onEachDatabase(
  'a hundred who count at once lose nothing, in whichever order they name the keys',
  async ({ stores }) => {
    const keys = ['a', 'b', 'c'].map((key) => count(key));
    const totals = await Promise.all(
      Array.from({ length: 100 }, (_, index) => stores.counters.add(index % 2 ? keys : [...keys].reverse())),
    );
    const firsts = totals.map((of, index) => of[index % 2 ? 0 : 2]).sort((x, y) => Number(x) - Number(y));
    assert.deepEqual(
      firsts,
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    assert.deepEqual(await stores.counters.add(keys), [101, 101, 101]);
  },
);

onEachDatabase(
  'nodes count together',
  async ({ stores, open }) => {
    const other = open();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? stores : other.stores).counters.add([count('a')]),
      ),
    );
    assert.deepEqual(await stores.counters.add([count('a')]), [41]);
  },
  { on: SHARED_DATABASES },
);

onEachDatabase(
  'old windows go, a step at a time, and never newer ones of the same key',
  async ({ stores }) => {
    for (const window of [1, 2, 3, 4]) await stores.counters.add([count('a', window), count('b', window)]);
    assert.equal(await stores.counters.deleteBefore(4, 5), 5);
    assert.equal(await stores.counters.deleteBefore(4, 5), 1);
    assert.equal(await stores.counters.deleteBefore(4, 5), 0);
    assert.deepEqual(await stores.counters.add([count('a', 4), count('b', 4), count('a', 1)]), [2, 2, 1]);
  },
);
