// Times as people say them, with the exact one beside.
import { toRfc3339 } from '../../lib/clock.ts';
import { ENGLISH, type Locale } from '../../locale/locale.ts';
import { type Markup, markup } from '../frame/markup.ts';

type Reader = Pick<Locale, 'language' | 'text'>;

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, lengthMs: number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['week', 7 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

// Made for the first page that needs them: it takes 10 ms, and no start should wait for it.
interface Formats {
  readonly relative: Intl.RelativeTimeFormat;
  readonly exact: Intl.DateTimeFormat;
}
const formats = new Map<string, Formats>();

function timeFormats(language: string): Formats {
  const known = formats.get(language);
  if (known) return known;
  const made = {
    relative: new Intl.RelativeTimeFormat(language, { numeric: 'always' }),
    exact: new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
      dateStyle: 'long',
      timeStyle: 'short',
      timeZone: 'UTC',
    }),
  };
  formats.set(language, made);
  return made;
}

/** "3 days ago"; "just now" within the last minute, and for clocks that differ a little. */
export function ago(atMs: number, nowMs: number, { language, text }: Reader = ENGLISH): string {
  const passedMs = nowMs - atMs;
  const step = STEPS.find(([, lengthMs]) => passedMs >= lengthMs);
  return step
    ? timeFormats(language).relative.format(-Math.floor(passedMs / step[1]), step[0])
    : text('just now');
}

/** With the exact time on hover; in UTC, since the person's own zone is not known here. */
export function timeAgo(atMs: number, nowMs: number, reader: Reader = ENGLISH): Markup {
  return markup`<time datetime="${toRfc3339(atMs)}" title="${timeFormats(reader.language).exact.format(atMs)} UTC">${ago(atMs, nowMs, reader)}</time>`;
}
