// The janitor on every database, by itself and on several nodes at once.
import assert from 'node:assert/strict';
import { createJanitor, databaseChores, type Janitor } from '../../src/app/janitor.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { newUuid } from '../../src/lib/ids.ts';
import type { MigratableDatabase } from '../../src/store/open.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS } from '../support/databases.ts';
import { aFlow, anIdentity, aSession } from '../support/samples.ts';

const HOUR_MS = 3_600_000;

function janitorOf(database: MigratableDatabase, clock: Clock, failures: unknown[] = []): Janitor {
  return createJanitor({
    clock,
    chores: databaseChores(database),
    batchSize: 20,
    pauseMs: 0,
    onFailure: (_chore, error) => failures.push(error),
  });
}

onEachDatabase('what is over goes when its time to be kept is over, and nothing sooner', async (db) => {
  const { stores, clock } = db;
  const person = anIdentity();
  await stores.identities.insert(person);
  const flow = aFlow({ kind: 'recovery', version: 2, expiresAtMs: START_MS });
  await stores.flows.insert(flow);
  await stores.sessions.insert(aSession(person.id, { expiresAtMs: START_MS }), 'digest');
  await stores.errors.insert({ id: newUuid(), error: { code: 500 }, createdAtMs: START_MS });
  await stores.counters.add([{ key: 'k', windowStartMs: START_MS, by: 1 }]);
  const janitor = janitorOf(db.database, clock);

  clock.advance(24 * HOUR_MS);
  assert.deepEqual(await janitor.sweep(), {});
  assert.ok(
    await stores.flows.find(flow.kind, flow.id),
    'an expired flow is still answered with its replacement',
  );
  clock.advance(1);
  assert.deepEqual(await janitor.sweep(), { flows: 1, errors: 1 });
  clock.advance(24 * HOUR_MS);
  assert.deepEqual(await janitor.sweep(), { counters: 1 });
  clock.advance(5 * 24 * HOUR_MS);
  assert.deepEqual(await janitor.sweep(), { sessions: 1 });
  assert.deepEqual(await janitor.sweep(), {});
  await janitor.stop();
});

onEachDatabase('a flow with which nobody got anywhere goes after an hour', async ({ database, clock }) => {
  const { flows } = database.stores;
  const untouched = aFlow({ kind: 'recovery', version: 1, expiresAtMs: START_MS });
  const halfway = aFlow({ kind: 'registration', version: 3, expiresAtMs: START_MS });
  const usedUp = aFlow({ kind: 'login', version: 1, expiresAtMs: START_MS });
  for (const flow of [untouched, halfway, usedUp]) await flows.insert(flow);
  assert.ok(await flows.consume(usedUp.id));
  const janitor = janitorOf(database, clock);
  clock.advance(HOUR_MS);
  assert.deepEqual(await janitor.sweep(), {});
  clock.advance(1);
  assert.deepEqual(await janitor.sweep(), { 'unfinished flows': 2 });
  assert.ok(await flows.findConsumed('login', usedUp.id), 'who comes too late is told so for a day');
  clock.advance(23 * HOUR_MS);
  assert.deepEqual(await janitor.sweep(), { flows: 1 });
  await janitor.stop();
});

onEachDatabase(
  'security events go after 90 days, the oldest first, however many there are',
  async ({ database, clock }) => {
    const { events } = database.stores;
    for (let day = 0; day < 50; day++) {
      await events.append({ kind: 'login.refused', atMs: START_MS + day * 24 * HOUR_MS });
    }
    const janitor = janitorOf(database, clock);
    clock.advance(90 * 24 * HOUR_MS);
    assert.deepEqual(await janitor.sweep(), {});
    clock.advance(1);
    assert.deepEqual(await janitor.sweep(), { 'security events': 1 });
    clock.advance(40 * 24 * HOUR_MS);
    assert.deepEqual(await janitor.sweep(), { 'security events': 40 });
    await janitor.stop();
  },
);

onEachDatabase(
  'two nodes that sweep at once remove everything once, and neither fails',
  async (db) => {
    await db.database.transaction(async ({ flows }) => {
      for (let i = 0; i < 300; i++) await flows.insert(aFlow({ expiresAtMs: START_MS }));
    });
    db.clock.advance(25 * HOUR_MS);
    const failures: unknown[] = [];
    const nodes = [db.database, db.open()].map((database) => janitorOf(database, db.clock, failures));
    const swept = await Promise.all(nodes.map((node) => node.sweep()));
    const removed = swept.flatMap((each) => Object.values(each)).reduce((sum, count) => sum + count, 0);
    assert.deepEqual(failures, []);
    assert.equal(removed, 300);
    for (const node of nodes) await node.stop();
  },
  { on: SHARED_DATABASES },
);
