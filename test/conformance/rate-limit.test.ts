// Rate limits of nodes that share a database.
import assert from 'node:assert/strict';
import { createRateLimiter } from '../../src/http/guard/rate-limit.ts';
import { onEachDatabase, SHARED_DATABASES } from '../support/databases.ts';

onEachDatabase(
  'nodes that share at the same moment refuse together what is too much for all of them',
  async (db) => {
    const failures: unknown[] = [];
    const nodes = [db.database, db.open()].map(({ stores: { counters } }) =>
      createRateLimiter({
        settings: { low: 100, medium: 100, high: 100 },
        clock: db.clock,
        isExempt: () => false,
        counters,
        onFailure: (error) => failures.push(error),
      }),
    );
    const addresses = Array.from({ length: 1200 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    // Sixty at each node: nobody's own count reaches the limit of a hundred.
    for (const node of nodes)
      for (const ip of addresses)
        for (let i = 0; i < 60; i++) assert.equal(node.take(ip, 'low').refusal, undefined);
    await Promise.all(nodes.map((node) => node.share()));
    // Whoever shared first has not seen the other's part; the next round brings it.
    for (const node of nodes) for (const ip of addresses) for (let i = 0; i < 2; i++) node.take(ip, 'low');
    await Promise.all(nodes.map((node) => node.share()));
    for (const node of nodes)
      for (const ip of addresses) assert.equal(node.take(ip, 'low').refusal?.status, 429, ip);
    assert.deepEqual(failures, []);
    for (const node of nodes) await node.close();
  },
  { on: SHARED_DATABASES },
);
