import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, timeAgo } from './time-words.ts';

const NOW = Date.UTC(2026, 0, 31, 18, 30);
const MINUTE = 60_000;
const DAY = 86_400_000;

const TABLE = [
  [-5_000, 'just now'],
  [59_000, 'just now'],
  [MINUTE, '1 minute ago'],
  [59 * MINUTE, '59 minutes ago'],
  [2 * 60 * MINUTE, '2 hours ago'],
  [DAY, '1 day ago'],
  [6 * DAY, '6 days ago'],
  [14 * DAY, '2 weeks ago'],
  [60 * DAY, '2 months ago'],
  [400 * DAY, '1 year ago'],
] as const;

for (const [passedMs, words] of TABLE) {
  test(`${passedMs} ms are "${words}"`, () => assert.equal(ago(NOW - passedMs, NOW), words));
}

test('the exact time stands beside the words', () => {
  assert.equal(
    timeAgo(NOW - DAY, NOW).toString(),
    '<time datetime="2026-01-30T18:30:00.000Z" title="30 January 2026 at 18:30 UTC">1 day ago</time>',
  );
});
