import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseDurationMs } from '../../lib/duration.ts';
import { durationText, encodeFields, sizeText } from './config-show.ts';

it('writes durations so that they are read back as the same', () => {
  for (const [ms, text] of [
    [0, '0s'],
    [500, '500ms'],
    [5_400_000, '1h30m'],
    [86_400_000, '24h'],
    [61_001, '1m1s1ms'],
    [-60_000, '-1m'],
    [0.5, '0.5ms'],
  ] as const) {
    assert.equal(durationText(ms), text);
    assert.equal(parseDurationMs(text), ms);
  }
});

it('writes sizes in the largest unit that fits', () => {
  assert.equal(sizeText(19_456 * 1024), '19MB');
  assert.equal(sizeText(1536 * 1024), '1536KB');
  assert.equal(sizeText(1024 ** 3), '1GB');
  assert.equal(sizeText(10), '10B');
});

it('follows the schema into sections and lists, and leaves plain numbers alone', () => {
  const duration = { type: 'string', 'x-decode': 'duration' };
  const schema = {
    properties: {
      lifespan: duration,
      port: { type: 'integer' },
      list: { items: { properties: { ttl: duration } } },
    },
  };
  assert.deepEqual(
    encodeFields(schema, { lifespan: 60_000, port: 60_000, list: [{ ttl: 1000 }], other: 1 }),
    {
      lifespan: '1m',
      port: 60_000,
      list: [{ ttl: '1s' }],
      other: 1,
    },
  );
});
