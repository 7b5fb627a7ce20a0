// How many requests has an address made in this minute, and may it make another? Three allowances of the Frontend API (docs/protocol/http.md section 10).

import type { CounterStore } from '../../flow/store.ts';
import type { Clock } from '../../lib/clock.ts';
import { ApiError } from '../../protocol/api-error.ts';
import type { RateBucket } from '../port/route.ts';
import { countingKey } from './counting-key.ts';
import { type Count, createSharedCounts, type SharedCounts, WINDOW_MS } from './rate-limit-shared.ts';

export interface RateLimiter {
  /** Counts one request. Synchronous, and well below a microsecond: it runs on each request of the public port. */
  readonly take: (clientIp: string, bucket: RateBucket) => Taken;
  /** Brings together what the nodes counted; runs by itself each second where counters are shared. */
  readonly share: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Taken {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal?: ApiError;
}

export interface RateLimiterOptions {
  /** Requests a minute for each address. */
  readonly settings: Readonly<Record<RateBucket, number>>;
  readonly clock: Clock;
  /** Networks that are counted but never refused. */
  readonly isExempt: (clientIp: string) => boolean;
  /** Where nodes share a database. Without it each process counts for itself. */
  readonly counters?: Pick<CounterStore, 'add'>;
  /** Told when counts could not be shared. */
  readonly onFailure?: (error: unknown) => void;
  /** Addresses that are remembered for each allowance; beyond, those not seen for longest are forgotten. */
  readonly maxAddresses?: number;
}

/** Some 200 bytes each. */
const DEFAULT_MAX_ADDRESSES = 100_000;
/** An address is shared each time it used up this part of its allowance: the ordinary visitor costs no write. */
const SHARE_FRACTION = 0.02;

export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { clock, counters, onFailure = () => {} } = options;
  const shared = counters && createSharedCounts({ counters, clock, onFailure });
  const allowances = {
    low: createAllowance('low', options, shared),
    medium: createAllowance('medium', options, shared),
    high: createAllowance('high', options, shared),
  };
  return {
    take: (clientIp, bucket) => allowances[bucket](clientIp, clock.nowMs()),
    share: () => shared?.share() ?? Promise.resolve(),
    close: () => shared?.close() ?? Promise.resolve(),
  };
}

type Allowance = (clientIp: string, nowMs: number) => Taken;

function createAllowance(
  bucket: RateBucket,
  options: RateLimiterOptions,
  shared: SharedCounts | undefined,
): Allowance {
  const { isExempt } = options;
  const limit = options.settings[bucket];
  const limitText = String(limit);
  const shareEach = Math.max(1, Math.floor(limit * SHARE_FRACTION));
  const counts = createWindow(bucket, options.maxAddresses ?? DEFAULT_MAX_ADDRESSES);
  const refuse = createRefusals(bucket);
  let resetText = '';
  let ofWindowMs = Number.NaN;

  return (clientIp, nowMs) => {
    const windowStartMs = nowMs - (nowMs % WINDOW_MS);
    if (windowStartMs !== ofWindowMs) {
      ofWindowMs = windowStartMs;
      counts.restart(windowStartMs);
      resetText = String((windowStartMs + WINDOW_MS) / 1000);
    }
    const count = counts.get(countingKey(clientIp));
    count.total += 1;
    // One beyond the limit is enough for every node to refuse; what comes after need not be told.
    if (shared && count.total <= limit + shareEach) {
      count.unshared += 1;
      if (count.unshared >= shareEach) shared.note(count);
    }
    const remaining = limit - count.total;
    const headers = {
      'X-RateLimit-Limit': limitText,
      'X-RateLimit-Remaining': remaining > 0 ? String(remaining) : '0',
      'X-RateLimit-Reset': resetText,
    };
    if (remaining >= 0 || isExempt(clientIp)) return { headers };
    return { headers, refusal: refuse(Math.ceil((windowStartMs + WINDOW_MS - nowMs) / 1000)) };
  };
}

interface Window {
  readonly restart: (windowStartMs: number) => void;
  readonly get: (key: string) => Count;
}

/**
 * Counts of one window in two generations: when the younger is full it becomes the older, and what the older still held is
 * forgotten. So memory is bounded, forgetting costs nothing, and whoever keeps coming stays counted. To be forgotten an
 * attacker needs half of `maxAddresses` other networks, each of which could have been used for requests instead.
 */
function createWindow(bucket: RateBucket, maxAddresses: number): Window {
  const half = Math.max(1, Math.floor(maxAddresses / 2));
  let young = new Map<string, Count>();
  let old = new Map<string, Count>();
  let startMs = 0;
  return {
    restart: (windowStartMs) => {
      startMs = windowStartMs;
      young = new Map();
      old = new Map();
    },
    get: (key) => {
      const known = young.get(key);
      if (known) return known;
      const count = old.get(key) ?? {
        ...{ key: `rate:${bucket}:${key}`, windowStartMs: startMs, total: 0, unshared: 0, isNoted: false },
      };
      if (young.size >= half) {
        old = young;
        young = new Map();
      }
      young.set(key, count);
      return count;
    },
  };
}

/** One refusal for each number of seconds: a flood of refused requests should cost nearly nothing. */
function createRefusals(bucket: RateBucket): (retryAfterS: number) => ApiError {
  const made = new Map<number, ApiError>();
  return (retryAfterS) => {
    const known = made.get(retryAfterS);
    if (known) return known;
    const refusal = new ApiError({
      status: 429,
      reason: `The "${bucket}" allowance of this address is used up. Please try again in a moment.`,
      headers: { 'Retry-After': String(retryAfterS) },
    });
    made.set(retryAfterS, refusal);
    return refusal;
  };
}
