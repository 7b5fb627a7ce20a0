import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../protocol/api-error.ts';
import { createHashPool } from './pool.ts';

test('when the queue of hashes is full, sign-ins are told to come back', async () => {
  const pool = createHashPool({ concurrency: 1, queueLength: 2 });
  const gate = Promise.withResolvers<void>();
  const accepted = [1, 2, 3].map((n) => pool.run(() => gate.promise.then(() => n)));
  await assert.rejects(
    pool.run(() => Promise.resolve(4)),
    (error) => error instanceof ApiError && error.status === 503 && Number(error.headers['Retry-After']) >= 1,
  );
  gate.resolve();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 3]);
  assert.equal(await pool.run(() => Promise.resolve(5)), 5);
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

test('who came first is served first', async () => {
  const pool = createHashPool({ concurrency: 1 });
  const order: number[] = [];
  await Promise.all([1, 2, 3, 4].map((n) => pool.run(async () => void order.push(n))));
  assert.deepEqual(order, [1, 2, 3, 4]);
});
