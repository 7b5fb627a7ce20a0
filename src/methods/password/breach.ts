// Was a password seen in known breaches? Asked by k-anonymity: only five digits of its SHA-1 leave the server.
import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { upstreamFailed } from '../../protocol/refusals.ts';

export interface BreachList {
  /** How often the password was seen; 0 where never, or where the service failed and that is to be ignored. Else throws 502. */
  count(password: string): Promise<number>;
}

export interface BreachListDeps {
  readonly host: string;
  readonly ignoresErrors: boolean;
  readonly outbound: Outbound;
  readonly clock: Clock;
}

const CACHE_LIFESPAN_MS = 60 * 60_000;
/** A range answer has about 40 kB; it serves the person who sends the same form again, so a hundred are enough. */
const CACHE_LIMIT = 100;
/** A padded range has about 1000 lines of 40 characters. */
const MOST_RANGE_BYTES = 1024 * 1024;
const TIMEOUT_MS = 2_000;
/** While failures are ignored, nobody else waits for a service that just failed. */
const REST_AFTER_FAILURE_MS = 10_000;

export function createBreachList({ host, ignoresErrors, outbound, clock }: BreachListDeps): BreachList {
  const ranges = new Map<string, { readonly untilMs: number; readonly text: string }>();
  let restsUntilMs = 0;

  async function range(prefix: string): Promise<string> {
    const known = ranges.get(prefix);
    if (known && known.untilMs > clock.nowMs()) return known.text;
    const { status, text } = await outbound.request(`https://${host}/range/${prefix}`, {
      // Answers of one length: an eavesdropper must not tell ranges apart by size.
      headers: { 'Add-Padding': 'true' },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MOST_RANGE_BYTES,
      retries: 1,
    });
    if (status !== 200) throw upstreamFailed(`The range service answered ${status}.`);
    remember(prefix, text);
    return text;
  }

  function remember(prefix: string, text: string): void {
    ranges.delete(prefix);
    const [oldest] = ranges.keys();
    if (oldest !== undefined && ranges.size >= CACHE_LIMIT) ranges.delete(oldest);
    ranges.set(prefix, { untilMs: clock.nowMs() + CACHE_LIFESPAN_MS, text });
  }

  return {
    count: async (password) => {
      if (clock.nowMs() < restsUntilMs) return 0;
      const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
      try {
        return countIn(await range(digest.slice(0, 5)), digest.slice(5));
      } catch (cause) {
        if (!ignoresErrors) throw upstreamFailed('The list of breached passwords could not be asked.', cause);
        restsUntilMs = clock.nowMs() + REST_AFTER_FAILURE_MS;
        return 0;
      }
    },
  };
}

/** Lines are SUFFIX:COUNT; a line without a count was seen once, one with zero is padding. */
function countIn(text: string, suffix: string): number {
  for (const line of text.split('\n')) {
    const [found = '', count] = line.trim().split(':');
    if (found.toUpperCase() === suffix)
      return count === undefined ? 1 : Number(count.replaceAll(',', '')) || 0;
  }
  return 0;
}
