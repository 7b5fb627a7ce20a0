import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnavailable } from '../unavailable.ts';
import { createPulse } from './pulse.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const after = (ms: number): Promise<string> =>
  new Promise((resolve) => setTimeout(() => resolve('done'), ms));

test('slow work is waited for as long as the server gives signs of life', async (t) => {
  let probes = 0;
  const pulse = createPulse({
    probe: () => {
      probes += 1;
      return Promise.resolve();
    },
    onSilent: () => assert.fail('it is not silent'),
  });
  t.after(pulse.stop);
  assert.equal(await pulse.guard(() => after(1_500)), 'done');
  assert.equal(probes, 1);
});

test('without a sign of life all are told at once, until there is one again; what comes too late is taken back', async (t) => {
  let isAlive = false;
  let silences = 0;
  const late: string[] = [];
  const pulse = createPulse({
    probe: () => (isAlive ? Promise.resolve() : Promise.reject(new Error('timeout'))),
    onSilent: () => {
      silences += 1;
    },
  });
  t.after(pulse.stop);
  const startedAt = performance.now();
  const waits = [
    pulse.guard(never),
    pulse.guard(
      () => after(1_200),
      (value) => late.push(value),
    ),
  ];
  for (const wait of waits) await assert.rejects(wait, isUnavailable);
  assert.ok(performance.now() - startedAt < 1_100);
  await assert.rejects(
    pulse.guard(() => assert.fail('nobody asks a silent server')),
    isUnavailable,
  );
  await after(500);
  assert.deepEqual([late, silences], [['done'], 1]);
  isAlive = true;
  await after(300);
  assert.equal(await pulse.guard(() => Promise.resolve('back')), 'back');
});
