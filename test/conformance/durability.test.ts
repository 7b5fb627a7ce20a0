// What was acknowledged stays, also when the process is killed; and processes that share a file wait their turn.
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { IdentityId } from '../../src/lib/ids.ts';
import { onEachDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { aPerson } from '../support/samples.ts';

const SCRIPT = fileURLToPath(new URL('../support/insert-identities.ts', import.meta.url));

type Child = ChildProcessByStdio<null, Readable, null>;

function startInserting(dsn: string, prefix: string, count: number): Child {
  return spawn(process.execPath, [SCRIPT, dsn, prefix, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** All that the child acknowledged, until it ended. */
async function acknowledged(child: Child, onEach?: (sofar: number) => void): Promise<readonly IdentityId[]> {
  const ids: IdentityId[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // A line is whole, or the kill cut it short: then nobody was told. The cast reads back what the child printed.
    if (line.length === 36) ids.push(line as IdentityId);
    onEach?.(ids.length);
  }
  return ids;
}

/** Where in the load the process dies: after so many acknowledged writes. One is enough where another process does the writing. */
const KILLS = [
  { killAfter: 1, on: ['sqlite file'] },
  { killAfter: 173, on: SHARED_DATABASES },
  { killAfter: 1021, on: ['sqlite file'] },
] as const;

for (const { killAfter, on } of KILLS) {
  onEachDatabase(
    `all that was acknowledged survives kill -9 after ${killAfter} writes`,
    async ({ dsn, stores, database }) => {
      const child = startInserting(dsn, 'killed', 1_000_000);
      const ended = once(child, 'exit');
      const ids = await acknowledged(child, (sofar) => {
        if (sofar === killAfter) child.kill('SIGKILL');
      });
      assert.deepEqual(await ended, [null, 'SIGKILL']);
      assert.ok(ids.length >= killAfter);
      for (const id of ids) {
        const identity = await stores.identities.findFull(id);
        assert.equal(identity?.credentials['password']?.identifiers.length, 1);
        assert.equal(identity.verifiableAddresses.length, 1);
        assert.ok(await stores.sessions.findByTokenDigest(id, []));
      }
      // Whatever else was stored is whole as well, and the database goes on.
      assert.equal(await stores.identities.count({}), await stores.sessions.count({}, 0));
      await database.transaction((inside) => inside.identities.insert(aPerson('ada@example.com')));
    },
    { on },
  );
}

onEachDatabase(
  'three processes that write to one database at once all get their turn',
  async ({ dsn, stores }) => {
    const children = ['a', 'b'].map((prefix) => startInserting(dsn, prefix, 200));
    const exits = Promise.all(children.map((child) => once(child, 'exit')));
    const others = Promise.all(children.map((child) => acknowledged(child)));
    let isOver = false;
    void exits.then(() => {
      isOver = true;
    });
    let own = 0;
    while (!isOver) {
      own += 1;
      await stores.identities.insert(aPerson(`own-${own}@example.com`));
    }
    assert.deepEqual(await exits, [
      [0, null],
      [0, null],
    ]);
    assert.deepEqual(
      (await others).map((ids) => ids.length),
      [200, 200],
    );
    assert.equal(await stores.identities.count({}), 400 + own);
  },
  { on: SHARED_DATABASES },
);
