// How far a long command is: one line that is written over on a terminal, a line now and then elsewhere.
import type { Io } from './command.ts';

export interface Progress {
  update(count: number): void;
  finish(): void;
}

/** Between two lines where none can be written over, such as in a build log. */
const LINE_EVERY_MS = 5_000;

export function createProgress(io: Io, verb: string): Progress {
  const startMs = io.nowMs();
  let shownMs = startMs;
  let count = 0;
  const line = (): string => {
    const seconds = (io.nowMs() - startMs) / 1000;
    const rate = seconds > 0 ? Math.round(count / seconds) : count;
    return `${verb} ${count} in ${seconds.toFixed(1)} s (${rate}/s)`;
  };
  return {
    update: (now) => {
      count = now;
      if (io.hasLiveErr) io.err(`\r${line()}`);
      else if (io.nowMs() - shownMs >= LINE_EVERY_MS) {
        shownMs = io.nowMs();
        io.err(`${line()}\n`);
      }
    },
    finish: () => io.err(`${io.hasLiveErr ? '\r' : ''}${line()}\n`),
  };
}
