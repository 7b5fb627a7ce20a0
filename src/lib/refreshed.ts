// A value that is fetched when it is needed, kept for a while and fetched anew by one caller at a time.
import type { Clock } from './clock.ts';

export interface Refreshed<T> {
  /** The value; throws what `load` threw where there has never been one. */
  get(): Promise<T>;
  /** Fetches it anew, for a caller who found that it is out of date; at most once per `restMs`, else as `get`. */
  renew(): Promise<T>;
}

export interface RefreshedOptions<T> {
  readonly load: () => Promise<T>;
  readonly clock: Clock;
  readonly maxAgeMs: number;
  /** After a failed fetch, and between two renewals, so long nobody asks again: a service in trouble is left alone. */
  readonly restMs: number;
}

/**
 * Many callers at once share one fetch. A value that is too old is still given out when it cannot be fetched anew; a failure is
 * remembered for `restMs`.
 */
export function createRefreshed<T>({ load, clock, maxAgeMs, restMs }: RefreshedOptions<T>): Refreshed<T> {
  let kept: { readonly value: T; readonly atMs: number } | undefined;
  let failed: { readonly error: unknown; readonly atMs: number } | undefined;
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<T> | undefined;

  function loadNow(): Promise<T> {
    pending ??= load()
      .then(
        (value) => {
          kept = { value, atMs: clock.nowMs() };
          failed = undefined;
          return value;
        },
        (error: unknown) => {
          failed = { error, atMs: clock.nowMs() };
          if (kept) return kept.value;
          throw error;
        },
      )
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  const rests = (sinceMs: number): boolean => clock.nowMs() - sinceMs < restMs;

  return {
    get: async () => {
      if (kept && clock.nowMs() - kept.atMs < maxAgeMs) return kept.value;
      if (failed && rests(failed.atMs)) {
        if (kept) return kept.value;
        throw failed.error;
      }
      return loadNow();
    },
    renew: async () => {
      if (kept && (rests(renewedAtMs) || (failed && rests(failed.atMs)))) return kept.value;
      renewedAtMs = clock.nowMs();
      return loadNow();
    },
  };
}
