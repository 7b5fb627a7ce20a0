// The server under attack, a process of its own that tells its parent how long its event loop was held.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serve } from '../../src/app/serve.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createLog } from '../../src/lib/log.ts';

export type Question =
  | { readonly ask: 'start'; readonly config: JsonObject }
  | { readonly ask: 'reset' | 'read' | 'stop' };

export interface Reading {
  /** The longest time for which nothing else could run. */
  readonly longestDelayMs: number;
  /** Time that the thread of the event loop got: no delay that is longer came from here, but from other work on the machine. */
  readonly loopCpuMs: number;
  readonly heapBytes: number;
  /** Failures of the server's own. */
  readonly errors: readonly string[];
}

const RESOLUTION_MS = 1;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let cpuBefore = process.threadCpuUsage();
let errors: string[] = [];
let stop: (() => Promise<void>) | undefined;

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'start': {
      const log = createLog({
        level: 'error',
        format: 'json',
        clock: systemClock,
        stream: { write: (line) => void errors.push(line) },
      });
      const served = await serve({ config: question.config, flags: {}, log });
      await served.bia.database.migrateUp();
      stop = () => served.stop();
      histogram.enable();
      return true;
    }
    case 'reset':
      histogram.reset();
      cpuBefore = process.threadCpuUsage();
      errors = [];
      return true;
    case 'read': {
      const { user, system } = process.threadCpuUsage(cpuBefore);
      const reading: Reading = {
        longestDelayMs: Math.max(0, histogram.max / 1e6 - RESOLUTION_MS),
        loopCpuMs: (user + system) / 1000,
        heapBytes: process.memoryUsage().heapUsed,
        errors,
      };
      return reading;
    }
    case 'stop':
      await stop?.();
      process.disconnect();
      return true;
    default:
      return question satisfies never;
  }
}

process.on('message', (question: Question) => {
  answer(question).then(
    (value) => process.connected && process.send?.({ value }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
