import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterStore } from '../../flow/store.ts';
import { createTestClock, type TestClock } from '../../lib/clock.ts';
import { createRateLimiter, type RateLimiter, type RateLimiterOptions, type Taken } from './rate-limit.ts';

const START_MS = Date.UTC(2026, 6, 14, 10, 0, 15);
const SETTINGS = { low: 5, medium: 100, high: 1000 };

function limiterWith(options: Partial<RateLimiterOptions> = {}): {
  readonly limiter: RateLimiter;
  readonly clock: TestClock;
} {
  const clock = createTestClock(START_MS);
  return {
    clock,
    limiter: createRateLimiter({ settings: SETTINGS, clock, isExempt: () => false, ...options }),
  };
}

function takeMany(limiter: RateLimiter, times: number, ip = '198.51.100.7'): Taken {
  for (let i = 1; i < times; i++) limiter.take(ip, 'low');
  return limiter.take(ip, 'low');
}

/** A database that several nodes share. */
function createCounters(): CounterStore & { readonly calls: string[][]; isBroken: boolean } {
  const totals = new Map<string, number>();
  const store = {
    calls: [] as string[][],
    isBroken: false,
    add: async (counters: Parameters<CounterStore['add']>[0]) => {
      if (store.isBroken) throw new Error('the database is away');
      store.calls.push(counters.map(({ key, by }) => `${key} +${by}`));
      const keys = counters.map(({ key, windowStartMs }) => `${key} ${windowStartMs}`);
      assert.equal(
        new Set(keys).size,
        keys.length,
        'PostgreSQL refuses to change a row twice in one statement',
      );
      return counters.map(({ by }, index) => {
        const key = keys[index] ?? '';
        totals.set(key, (totals.get(key) ?? 0) + by);
        return totals.get(key) ?? 0;
      });
    },
    deleteBefore: async () => 0,
  };
  return store;
}

test('each answer says how much is left and when the window ends', () => {
  const { limiter } = limiterWith();
  assert.deepEqual(limiter.take('198.51.100.7', 'low'), {
    headers: {
      'X-RateLimit-Limit': '5',
      'X-RateLimit-Remaining': '4',
      'X-RateLimit-Reset': String(Date.UTC(2026, 6, 14, 10, 1) / 1000),
    },
  });
});

test('one request beyond the allowance is refused until the window ends', () => {
  const { limiter, clock } = limiterWith();
  const last = takeMany(limiter, 5);
  assert.equal(last.refusal, undefined);
  assert.equal(last.headers['X-RateLimit-Remaining'], '0');
  const beyond = takeMany(limiter, 1);
  assert.equal(beyond.refusal?.status, 429);
  assert.equal(beyond.refusal?.headers['Retry-After'], '45');
  assert.equal(beyond.headers['X-RateLimit-Remaining'], '0');
  assert.deepEqual(beyond.refusal?.toEnvelope('r1')['error'], {
    code: 429,
    status: 'Too Many Requests',
    request: 'r1',
    reason: beyond.refusal?.reason,
    message: beyond.refusal?.message,
  });
  clock.advance(44_500);
  assert.equal(takeMany(limiter, 1).refusal?.headers['Retry-After'], '1');
  clock.advance(500);
  assert.equal(takeMany(limiter, 1).refusal, undefined);
});

test('allowances and addresses are counted apart, addresses of one IPv6 network together', () => {
  const { limiter } = limiterWith();
  assert.ok(takeMany(limiter, 6).refusal);
  assert.equal(limiter.take('198.51.100.7', 'medium').headers['X-RateLimit-Remaining'], '99');
  assert.equal(limiter.take('198.51.100.8', 'low').headers['X-RateLimit-Remaining'], '4');
  for (let i = 0; i < 5; i++) limiter.take(`2001:db8:1:1::${i}`, 'low');
  assert.ok(limiter.take('2001:db8:1:1:ffff::1', 'low').refusal);
  assert.equal(limiter.take('2001:db8:1:2::1', 'low').refusal, undefined);
});

test('exempt networks are counted and told, but never refused', () => {
  const { limiter } = limiterWith({ isExempt: (ip) => ip === '127.0.0.1' });
  const taken = takeMany(limiter, 50, '127.0.0.1');
  assert.equal(taken.refusal, undefined);
  assert.equal(taken.headers['X-RateLimit-Remaining'], '0');
});

test('a flood of addresses is forgotten, and whoever keeps coming is not', () => {
  const { limiter } = limiterWith({ maxAddresses: 100 });
  for (let i = 0; i < 10_000; i++) {
    limiter.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 'low');
    if (i % 40 === 0) limiter.take('198.51.100.7', 'low');
  }
  assert.ok(limiter.take('198.51.100.7', 'low').refusal);
  assert.equal(
    limiter.take('10.0.0.0', 'low').headers['X-RateLimit-Remaining'],
    '4',
    'this one was forgotten',
  );
});

test('nodes that share a database refuse together', async () => {
  const counters = createCounters();
  const a = limiterWith({ counters }).limiter;
  const b = limiterWith({ counters }).limiter;
  takeMany(a, 3);
  takeMany(b, 3);
  await a.share();
  await b.share();
  assert.ok(takeMany(b, 1).refusal, 'b has learnt of the three at a');
  takeMany(a, 1);
  await a.share();
  assert.ok(takeMany(a, 1).refusal);
  await a.close();
  await b.close();
});

test('ordinary visitors cost no write at all, and busy ones one row a second', async () => {
  const counters = createCounters();
  const { limiter } = limiterWith({ counters });
  for (let i = 0; i < 200; i++) limiter.take(`198.51.100.${i}`, 'high');
  await limiter.share();
  assert.deepEqual(counters.calls, []);
  for (let i = 0; i < 300; i++) limiter.take('198.51.100.7', 'high');
  await limiter.share();
  assert.deepEqual(counters.calls, [['rate:high:198.51.100.7 +301']]);
  await limiter.share();
  assert.equal(counters.calls.length, 1);
  await limiter.close();
});

test('who is refused anyway costs no more writes', async () => {
  const counters = createCounters();
  const { limiter } = limiterWith({ counters });
  takeMany(limiter, 20);
  await limiter.share();
  const writes = counters.calls.length;
  takeMany(limiter, 1000);
  await limiter.share();
  assert.equal(counters.calls.length, writes);
  await limiter.close();
});

test('while the database is away each node counts alone, and shares later', async () => {
  const counters = createCounters();
  const failures: unknown[] = [];
  const { limiter } = limiterWith({ counters, onFailure: (error) => failures.push(error) });
  counters.isBroken = true;
  takeMany(limiter, 3);
  await limiter.share();
  assert.equal(failures.length, 1);
  takeMany(limiter, 2);
  assert.ok(takeMany(limiter, 1).refusal);
  counters.isBroken = false;
  await limiter.share();
  assert.deepEqual(counters.calls, [['rate:low:198.51.100.7 +6']]);
  await limiter.close();
});

test('an address that was forgotten and came back is shared as one', async () => {
  const counters = createCounters();
  const { limiter } = limiterWith({ counters, maxAddresses: 2 });
  takeMany(limiter, 1);
  for (const ip of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) limiter.take(ip, 'low');
  takeMany(limiter, 1);
  await limiter.share();
  assert.equal(counters.calls.length, 1);
  assert.ok(counters.calls[0]?.includes('rate:low:198.51.100.7 +2'));
  await limiter.close();
});

test('counts of a window that has ended are not shared', async () => {
  const counters = createCounters();
  const { limiter, clock } = limiterWith({ counters });
  takeMany(limiter, 3);
  clock.advance(60_000);
  await limiter.share();
  assert.deepEqual(counters.calls, []);
  takeMany(limiter, 1);
  await limiter.close();
  assert.deepEqual(counters.calls, [['rate:low:198.51.100.7 +1']], 'closing shares what is left');
});
