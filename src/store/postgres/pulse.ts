// Notices a server that has fallen silent: frozen, cut off, or replaced by another one that its old connections do not reach.
import { silentError } from '../unavailable.ts';

export interface Pulse {
  /** Waits for the work, but no longer than the server lives. `undo` takes back what comes too late. */
  readonly guard: <T>(work: () => Promise<T>, undo?: (late: T) => void) => Promise<T>;
  readonly stop: () => void;
}

export interface PulseOptions {
  /** Asks the server for a sign of life, over a connection of its own. */
  readonly probe: () => Promise<void>;
  /** Told when it has fallen silent: connections to it are worth nothing any more. */
  readonly onSilent: () => void;
}

const LOOK_MS = 100;
/** Somebody has waited for so long: slow work, or no server? */
const DOUBT_MS = 700;
/** After a sign of life, slow work is left alone for so long. */
const TRUST_MS = 2_000;

interface Waiting {
  readonly sinceMs: number;
  readonly giveUp: (error: Error) => void;
}

/**
 * Statements have no time limit of their own, since some are slow by right. Where one is, the server is asked for a sign of
 * life; without one everybody who waits is told at once, and so is everybody who comes until there is one again.
 */
export function createPulse({ probe, onSilent }: PulseOptions): Pulse {
  // In the order in which they came: the first has waited longest.
  const waiting = new Set<Waiting>();
  let isSilent = false;
  let isProbing = false;
  let trustedUntilMs = 0;

  const look = (): void => {
    const [oldest] = waiting;
    const nowMs = performance.now();
    const isInDoubt = oldest !== undefined && nowMs - oldest.sinceMs > DOUBT_MS && nowMs > trustedUntilMs;
    if (isProbing || !(isSilent || isInDoubt)) return;
    isProbing = true;
    probe()
      .then(
        () => {
          isSilent = false;
          trustedUntilMs = performance.now() + TRUST_MS;
        },
        () => {
          if (!isSilent) onSilent();
          isSilent = true;
          for (const one of waiting) one.giveUp(silentError());
          waiting.clear();
        },
      )
      .finally(() => {
        isProbing = false;
      });
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();

  return {
    guard: (work, undo) => {
      if (isSilent) return Promise.reject(silentError());
      return new Promise((resolve, reject) => {
        let isGivenUp = false;
        const giveUp = (error: Error): void => {
          isGivenUp = true;
          reject(error);
        };
        const entry: Waiting = { sinceMs: performance.now(), giveUp };
        waiting.add(entry);
        work().then(
          (value) => {
            waiting.delete(entry);
            if (isGivenUp) undo?.(value);
            else resolve(value);
          },
          (error: unknown) => {
            waiting.delete(entry);
            reject(error);
          },
        );
      });
    },
    stop: () => clearInterval(timer),
  };
}
