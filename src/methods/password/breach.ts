// Was a password seen in known breaches? Asked by k-anonymity: only five digits of its SHA-1 leave the server.
import { createHash } from 'node:crypto';
import { upstreamFailed } from '../../base/refusals.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Outbound } from '../../lib/outbound.ts';

export interface BreachList {
  /** How often the password was seen; 0 where never, or where the service failed and that is to be ignored. */
  count(password: string): Promise<number>;
}

const CACHE_LIFESPAN_MS = 60 * 60_000;
/** A range answer has about 40 kB; a hundred of them are kept. */
const CACHE_LIMIT = 100;
const TIMEOUT_MS = 3_000;

export function createBreachList(of: {
  readonly host: string;
  readonly ignoresErrors: boolean;
  readonly outbound: Outbound;
  readonly clock: Clock;
}): BreachList {
  const ranges = new Map<string, { readonly untilMs: number; readonly text: string }>();

  async function range(prefix: string): Promise<string> {
    const known = ranges.get(prefix);
    if (known && known.untilMs > of.clock.nowMs()) return known.text;
    const { status, text } = await of.outbound.request(`https://${of.host}/range/${prefix}`, {
      // Answers of one length: an eavesdropper must not tell ranges apart by size.
      headers: { 'Add-Padding': 'true' },
      timeoutMs: TIMEOUT_MS,
      retries: 1,
    });
    if (status !== 200) throw new Error(`the range service answered ${status}`);
    if (ranges.size >= CACHE_LIMIT) ranges.clear();
    ranges.set(prefix, { untilMs: of.clock.nowMs() + CACHE_LIFESPAN_MS, text });
    return text;
  }

  return {
    count: async (password) => {
      const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
      try {
        return countIn(await range(digest.slice(0, 5)), digest.slice(5));
      } catch (cause) {
        if (of.ignoresErrors) return 0;
        throw upstreamFailed('The list of breached passwords could not be asked.', cause);
      }
    },
  };
}

/** Lines are SUFFIX:COUNT; a line without a count was seen once, one with zero is padding. */
function countIn(text: string, suffix: string): number {
  for (const line of text.split('\n')) {
    const [found = '', count] = line.trim().split(':');
    if (found.toUpperCase() === suffix) return count === undefined ? 1 : Number(count.replaceAll(',', '')) || 0;
  }
  return 0;
}
