// How much memory V8 takes for what lives briefly: little while the process starts, more afterwards, and never without bound.
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * A start leaves so much garbage behind that V8 would make room for 32 MiB of it, and in a process that is idle then it never
 * gives the room back. Measured: 16 to 22 MiB less for as long as nobody comes.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** V8 would go on to 128 MiB and never give them back. What fits the caches of a processor is as fast. */
const ENOUGH_BYTES = 16 * 1024 * 1024;

/**
 * Under load a small one would cost a collection every few requests. V8 takes a limit only when it starts, but a factor of
 * growth at any time: it grows until it is large enough.
 */
export function letYoungGenerationGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < ENOUGH_BYTES) return;
    keepYoungGenerationSmall();
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
