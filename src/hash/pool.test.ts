import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../base/api-error.ts';
import { createHashPool } from './pool.ts';

test('when the queue of hashes is full, sign-ins are told to come back', async () => {
  const pool = createHashPool({ concurrency: 1, queueLength: 2 });
  let finish: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const accepted = [1, 2, 3].map((n) => pool.run(async () => (await gate, n)));
  await assert.rejects(
    pool.run(() => Promise.resolve(4)),
    (error) => error instanceof ApiError && error.status === 503 && error.headers['Retry-After'] !== undefined,
  );
  finish();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 3]);
});

test('never more hashes at once than places, also after failures', async () => {
  const pool = createHashPool({ concurrency: 2, queueLength: 100 });
  let running = 0;
  let most = 0;
  const work = async (fails: boolean): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (fails) throw new Error('hash failed');
  };
  await Promise.allSettled(Array.from({ length: 20 }, (_, index) => pool.run(() => work(index % 3 === 0))));
  assert.equal(most, 2);
  assert.equal(await pool.run(() => Promise.resolve('free')), 'free');
});
