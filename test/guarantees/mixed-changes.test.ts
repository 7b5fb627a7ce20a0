// Everybody changes one account at once. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { runMixedChanges } from '../support/mixed-changes.ts';

for (const name of SHARED_DATABASES) {
  test(`of all changes of one account at once on two nodes, none that was acknowledged is lost [${name}]`, async (t) => {
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const { acts, lost, failures } = await runMixedChanges(t, { dsn: fresh.dsn, seconds: 4 });
    assert.deepEqual({ lost, failures }, { lost: [], failures: [] });
    // Otherwise it would show nothing.
    const acknowledged = Object.values(acts).reduce((sum, act) => sum + act.acknowledged, 0);
    assert.ok(acknowledged >= 10, JSON.stringify(acts));
  });
}
