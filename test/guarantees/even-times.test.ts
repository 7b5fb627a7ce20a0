// Time does not tell who has an account: what could tell leaves at even times only. How well it hides is measured by `npm run timing`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeApp } from '../support/native-app.ts';
import { startServer } from '../support/server.ts';

const STEP_MS = 250;
const ADA = 'ada@example.org';
const NOBODY = 'bob@example.org';

test('refused sign-ins, recovery and verification answer at even times only, whoever is asked for', async (t) => {
  const server = await startServer(t, {
    config: {
      security: { account_enumeration: { mitigate: true, answer_step: `${STEP_MS}ms` } },
      selfservice: { flows: { recovery: { enabled: true }, verification: { enabled: true } } },
    },
  });
  const app = createNativeApp(server);
  await app.signUp(ADA);
  const submissions = [ADA, NOBODY].flatMap((address) => [
    ['login', { method: 'password', identifier: address, password: 'not this one' }] as const,
    ['recovery', { method: 'code', email: address }] as const,
    ['verification', { method: 'code', email: address }] as const,
    ['login', { method: 'password', identifier: address }] as const,
  ]);
  const stranger = createNativeApp(server);
  await Promise.all(
    submissions.map(async ([kind, body]) => {
      const flow = await stranger.start(kind);
      const cameAtMs = performance.now();
      const answer = await stranger.send(flow, body);
      await answer.text();
      // A lower bound holds on the slowest machine.
      const tookMs = performance.now() - cameAtMs;
      assert.ok(tookMs >= STEP_MS, `${kind} ${JSON.stringify(body)}: ${tookMs}`);
    }),
  );
});
