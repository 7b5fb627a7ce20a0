import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterFailure } from './retry.ts';

const RULES = { retries: 5, firstWaitMs: 1_000 };
const stepAfter = (attempt: number, of: { isFinal?: boolean; rules?: typeof RULES } = {}) =>
  afterFailure({ attempt, isFinal: of.isFinal ?? false, nowMs: 500 }, of.rules ?? RULES);

test('each wait is four times the one before, and after the last retry the message is given up', () => {
  const steps = [1, 2, 3, 4, 5, 6].map((attempt) => stepAfter(attempt));
  assert.deepEqual(
    steps.map(({ status, nextAttemptAtMs }) => [status, nextAttemptAtMs - 500]),
    [
      ['queued', 1_000],
      ['queued', 4_000],
      ['queued', 16_000],
      ['queued', 64_000],
      ['queued', 256_000],
      ['abandoned', 0],
    ],
  );
});

test('no wait is longer than ten minutes, however many retries there are', () => {
  const rules = { retries: 1_000, firstWaitMs: 1_000 };
  for (const attempt of [6, 20, 900]) assert.equal(stepAfter(attempt, { rules }).nextAttemptAtMs, 600_500);
});

test('what can never succeed is given up at once, and so is everything without retries', () => {
  assert.equal(stepAfter(1, { isFinal: true }).status, 'abandoned');
  assert.equal(stepAfter(1, { rules: { retries: 0, firstWaitMs: 1_000 } }).status, 'abandoned');
});
