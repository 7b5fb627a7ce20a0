// Durations as configuration writes them, such as "1h30m", in milliseconds.
declare const brand: unique symbol;

/** A span of time in milliseconds. */
export type Milliseconds = number & { readonly [brand]: 'Milliseconds' };

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

export const DURATION_PATTERN = '^-?(?:[0-9]+(?:\\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+$|^0$';

/** The duration in milliseconds. Throws a RangeError where the text is none. */
export function parseDurationMs(text: string): Milliseconds {
  if (!new RegExp(DURATION_PATTERN).test(text)) {
    throw new RangeError(`"${text}" is no duration; write a number with a unit, such as 15m, 1h30m or 500ms`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  // The cast gives the unit that the sum has by now.
  return (text.startsWith('-') ? -total : total) as Milliseconds;
}
