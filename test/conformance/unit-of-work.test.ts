// The unit of work: all or nothing, whoever else is at work, on whichever database.
import assert from 'node:assert/strict';
import type { SingleStores } from '../../src/flow/store.ts';
import { edit, override } from '../../src/identity/change/change.ts';
import type { FullIdentity } from '../../src/identity/identity.ts';
import { IdentityConflict } from '../../src/identity/store.ts';
import type { IdentityId } from '../../src/lib/ids.ts';
import { aPlan } from '../support/change.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS } from '../support/databases.ts';
import { aCredential, aFlow, anIdentity, aPerson, aSession } from '../support/samples.ts';

onEachDatabase(
  'what a transaction writes is there together, and read inside before',
  async ({ database, stores }) => {
    const person = aPerson('ada@example.com');
    const flow = aFlow();
    const answer = await database.transaction(async (inside) => {
      await inside.identities.insert(person);
      await inside.flows.insert(flow);
      await inside.sessions.insert(aSession(person.id), 'digest');
      assert.deepEqual(await inside.identities.findFull(person.id), person);
      assert.ok(await inside.sessions.findByTokenDigest('digest', ['totp']));
      return 'answer';
    });
    assert.equal(answer, 'answer');
    assert.deepEqual(await stores.identities.findFull(person.id), person);
    assert.deepEqual(await stores.flows.find('login', flow.id), flow);
  },
);

onEachDatabase(
  'a transaction that throws leaves nothing, and its own error comes out',
  async ({ database, stores }) => {
    const person = aPerson('ada@example.com');
    const veto = new Error('vetoed');
    const failing = database.transaction(async (inside) => {
      await inside.identities.insert(person);
      await inside.counters.add([{ key: 'a', windowStartMs: 0, by: 5 }]);
      throw veto;
    });
    await assert.rejects(failing, (error) => error === veto);
    assert.equal(await stores.identities.find(person.id), undefined);
    assert.deepEqual(await stores.counters.add([{ key: 'a', windowStartMs: 0, by: 1 }]), [1]);
  },
);

onEachDatabase('among many at once a failing one takes back only its own', async ({ database, stores }) => {
  const people = Array.from({ length: 40 }, (_, index) => aPerson(`person-${index}@example.com`));
  const results = await Promise.allSettled(
    people.map((person, index) =>
      database.transaction(async (inside) => {
        await inside.identities.insert(person);
        if (index % 3 === 0) throw new Error('vetoed');
        await inside.sessions.insert(aSession(person.id), person.id);
      }),
    ),
  );
  for (const [index, person] of people.entries()) {
    const isStored = index % 3 !== 0;
    assert.equal(results[index]?.status, isStored ? 'fulfilled' : 'rejected');
    assert.equal((await stores.identities.find(person.id)) !== undefined, isStored);
    assert.equal((await stores.sessions.findByTokenDigest(person.id, [])) !== undefined, isStored);
  }
});

onEachDatabase(
  'a transaction whose write failed fails, even where the error was caught',
  async ({ database, stores }) => {
    await stores.identities.insert(aPerson('ada@example.com'));
    const flow = aFlow();
    await stores.flows.insert(flow);
    const failing = database.transaction(async (inside) => {
      await inside.flows.consume(flow.id);
      await inside.identities.insert(aPerson('ada@example.com')).catch(() => 'somebody was faster');
    });
    await assert.rejects(failing, IdentityConflict);
    assert.deepEqual(await stores.flows.find('login', flow.id), flow);
    assert.equal(await stores.identities.count({}), 1);
  },
);

const OUTER_USES: Readonly<Record<string, (outer: SingleStores) => unknown>> = {
  'a read of an identity': (outer) => outer.identities.find(anIdentity().id),
  'a list': (outer) => outer.identities.list({ filter: {}, limit: 1 }),
  whoami: (outer) => outer.sessions.findByTokenDigest('digest', ['totp']),
  'a read of a flow': (outer) => outer.flows.find('login', aFlow().id),
  'a write of several statements': (outer) => outer.identities.insert(anIdentity()),
  'a write of one statement': (outer) => outer.flows.insert(aFlow()),
  'an event': (outer) => outer.events.append({ kind: 'login.refused', atMs: 1 }),
};

onEachDatabase('outer stores inside a transaction are refused at once, and nothing hangs', async (db) => {
  const { database, stores } = db;
  for (const [what, use] of Object.entries(OUTER_USES)) {
    const failing = database.transaction(async (inside) => {
      await inside.flows.insert(aFlow());
      await use(stores);
    });
    await assert.rejects(failing, /outer store was used inside a transaction/, what);
  }
  const uses: readonly (() => Promise<unknown>)[] = [
    () => database.transaction(() => Promise.resolve()),
    () => database.check(),
    () => database.migrateUp(),
    () => database.migrationStatus(),
  ];
  for (const use of uses) {
    await assert.rejects(database.transaction(use), /outer store was used inside a transaction/);
  }
  // After a refusal the database works on.
  await stores.identities.insert(aPerson('ada@example.com'));
  assert.equal(await stores.identities.count({}), 1);
});

onEachDatabase(
  'of fifty who register the same identifier at once one succeeds, and nothing is half-written',
  async (db) => {
    const people = Array.from({ length: 50 }, () =>
      anIdentity({ credentials: { password: aCredential({ identifiers: ['ada@example.com'] }) } }),
    );
    const results = await Promise.allSettled(
      people.map((person) =>
        db.database.transaction(async (inside) => {
          await inside.sessions.count({}, START_MS);
          await inside.identities.insert(person);
          await inside.sessions.insert(aSession(person.id), person.id);
          await inside.events.append({ kind: 'identity.created', atMs: START_MS, identityId: person.id });
        }),
      ),
    );
    const winners = people.filter((_, index) => results[index]?.status === 'fulfilled');
    for (const result of results) {
      if (result.status === 'rejected')
        assert.ok(result.reason instanceof IdentityConflict, String(result.reason));
    }
    assert.equal(winners.length, 1);
    const listed = await db.stores.identities.list({ filter: {}, limit: 100 });
    assert.deepEqual(listed, winners);
    assert.equal(await db.stores.sessions.count({}, START_MS), 1);
    assert.deepEqual(
      db.events.map((event) => event.identityId),
      [winners[0]?.id],
    );
  },
);

const counted = (current: FullIdentity): FullIdentity => ({
  ...current,
  metadataAdmin: Number(current.metadataAdmin) + 1,
});

onEachDatabase(
  'fifty changes that build on what they read all count',
  async ({ database, stores, events }) => {
    const { id } = aPerson('ada@example.com');
    await stores.identities.insert({ ...aPerson('ada@example.com', { metadataAdmin: 0 }), id });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        database.transaction(async (inside) => {
          await inside.identities.apply(aPlan({ identityId: id, changes: [override(id).rewrite(counted)] }));
        }),
      ),
    );
    assert.equal((await stores.identities.find(id))?.metadataAdmin, 50);
    assert.equal(events.length, 50);
  },
);

onEachDatabase(
  'nodes that change the same identity at once lose nothing',
  async ({ database, stores, open }) => {
    const { id } = aPerson('ada@example.com');
    await stores.identities.insert({ ...aPerson('ada@example.com', { metadataAdmin: 0 }), id });
    const nodes = [database, open(), open()];
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        nodes[index % 3]?.transaction(async (inside) => {
          await inside.identities.apply(aPlan({ identityId: id, changes: [override(id).rewrite(counted)] }));
        }),
      ),
    );
    assert.equal((await stores.identities.find(id))?.metadataAdmin, 30);
  },
  { on: SHARED_DATABASES },
);

onEachDatabase('two who each remove another of the last two credentials do not both succeed', async (db) => {
  const { id } = aPerson('ada@example.com');
  const credentials = { password: aCredential(), passkey: aCredential({ type: 'passkey' }) };
  await db.stores.identities.insert(anIdentity({ id, credentials }));
  const removeUnlessLast = (type: string) =>
    db.database.transaction(async (inside) => {
      const seen = await inside.identities.findFull(id);
      assert.ok(seen);
      const changes = [edit(seen).credential(type, () => 'remove')];
      const plan = aPlan({ identityId: id, changes, guard: { keepsFirstFactor: true } });
      return (await inside.identities.apply(plan)).kind === 'written';
    });
  const removed = await Promise.all([removeUnlessLast('password'), removeUnlessLast('passkey')]);
  assert.equal(removed.filter(Boolean).length, 1);
  assert.equal(Object.keys((await db.stores.identities.findFull(id))?.credentials ?? {}).length, 1);
});

onEachDatabase('nobody sees half of a transaction', async ({ database, stores }) => {
  let writtenHalf: (() => void) | undefined;
  const isHalfWritten = new Promise<void>((resolve) => {
    writtenHalf = resolve;
  });
  const ids: IdentityId[] = [anIdentity().id, anIdentity().id];
  const writing = database.transaction(async (inside) => {
    for (const id of ids) {
      await inside.identities.insert(anIdentity({ id }));
      writtenHalf?.();
      // Lets the other one ask in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await isHalfWritten;
  const seen = stores.identities.count({});
  await writing;
  assert.ok([0, 2].includes(await seen));
});

onEachDatabase(
  'what was accepted before closing is written, and nothing after it',
  async ({ database, stores, open }) => {
    const people = Array.from({ length: 20 }, (_, index) => aPerson(`person-${index}@example.com`));
    const writing = Promise.all(people.map((person) => stores.identities.insert(person)));
    await database.close();
    await writing;
    await assert.rejects(stores.flows.insert(aFlow()), /not open|finalized/);
    await database.close();
    assert.equal(await open().stores.identities.count({}), 20);
  },
  { on: ['sqlite file'] },
);

onEachDatabase(
  'a server that ends all connections fails what runs there and nothing else',
  async ({ database, stores, raw }) => {
    await Promise.all([1, 2, 3].map(() => stores.identities.count({})));
    let isRunning: (() => void) | undefined;
    const running = new Promise<void>((resolve) => {
      isRunning = resolve;
    });
    const interrupted = database.transaction(async (inside) => {
      await inside.identities.insert(aPerson('ada@example.com'));
      isRunning?.();
      for (;;) await inside.identities.count({});
    });
    await running;
    const failed = assert.rejects(interrupted, /terminat|connection|ECONNRESET/i);
    await raw(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    await failed;
    // A query that is quicker than the news of a dead connection fails too, and removes it from the pool.
    const works = () =>
      stores.identities.count({}).then(
        () => true,
        () => false,
      );
    for (let tries = 0; tries < 5 && !(await works()); tries += 1);
    assert.equal(await stores.identities.count({}), 0);
  },
  { on: ['postgres'] },
);
