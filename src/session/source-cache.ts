// Texts behind addresses of the configuration, kept for a while: asked for often, changed seldom, and not always reachable.
import type { Clock } from '../lib/clock.ts';

export interface SourceCache {
  /** The text, at most a few minutes old. Throws where it could never be read. */
  text(url: string): Promise<string>;
}

/** Read again after so long: a new key in a set is used soon. */
const FRESH_MS = 60_000;
/** While a source does not answer, what it said last stays in use for so long. */
const USABLE_MS = 60 * 60_000;
/** A source that does not answer is not asked again at once. */
const RETRY_MS = 10_000;

interface Entry {
  readonly text: string;
  readonly readAtMs: number;
  nextReadAtMs: number;
}

/** Many who ask for the same text at the same moment wait for one reading. */
export function createSourceCache(of: {
  readonly clock: Clock;
  readonly read: (url: string) => Promise<string>;
}): SourceCache {
  const kept = new Map<string, Entry>();
  const reading = new Map<string, Promise<string>>();

  async function readAgain(url: string): Promise<string> {
    try {
      const text = await of.read(url);
      const nowMs = of.clock.nowMs();
      kept.set(url, { text, readAtMs: nowMs, nextReadAtMs: nowMs + FRESH_MS });
      return text;
    } catch (error) {
      const nowMs = of.clock.nowMs();
      const last = kept.get(url);
      if (!last || nowMs - last.readAtMs >= USABLE_MS) throw error;
      last.nextReadAtMs = nowMs + RETRY_MS;
      return last.text;
    }
  }

  return {
    text: (url) => {
      const last = kept.get(url);
      if (last && of.clock.nowMs() < last.nextReadAtMs) return Promise.resolve(last.text);
      const started = reading.get(url);
      if (started) return started;
      const now = readAgain(url).finally(() => reading.delete(url));
      reading.set(url, now);
      return now;
    },
  };
}
