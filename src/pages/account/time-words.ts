// Times as people say them, with the exact one beside.
import { toRfc3339 } from '../../lib/clock.ts';
import { type Markup, markup } from '../frame/markup.ts';

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, lengthMs: number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

// Made for the first page that needs them: it takes 10 ms, and no start should wait for it.
let formats: { readonly relative: Intl.RelativeTimeFormat; readonly exact: Intl.DateTimeFormat } | undefined;

function timeFormats(): NonNullable<typeof formats> {
  formats ??= {
    relative: new Intl.RelativeTimeFormat('en', { numeric: 'always' }),
    exact: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }),
  };
  return formats;
}

/** "3 days ago"; "just now" within the last minute, and for clocks that differ a little. */
export function ago(atMs: number, nowMs: number): string {
  const passedMs = nowMs - atMs;
  const step = STEPS.find(([, lengthMs]) => passedMs >= lengthMs);
  return step ? timeFormats().relative.format(-Math.floor(passedMs / step[1]), step[0]) : 'just now';
}

/** With the exact time on hover; in UTC, since the person's own zone is not known here. */
export function timeAgo(atMs: number, nowMs: number): Markup {
  return markup`<time datetime="${toRfc3339(atMs)}" title="${timeFormats().exact.format(atMs)} UTC">${ago(atMs, nowMs)}</time>`;
}
