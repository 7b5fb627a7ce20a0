// Sprig's functions for dates, with Go's layouts. There is no `now`: a message says when something was by itself.
import { parseDurationMs } from '../../lib/duration.ts';
import { atLeast, numberArg, printed, textArg } from './arguments.ts';
import { FunctionError, type FunctionTable } from './run.ts';
import { isMoment, type Moment, type Value } from './value.ts';

/** A moment, a text as RFC 3339 writes it, or seconds since 1970. */
function toMoment(value: Value): Moment {
  if (isMoment(value)) return value;
  const atMs = typeof value === 'number' ? value * 1_000 : Date.parse(printed(value));
  if (!(Math.abs(atMs) <= 8.64e15)) throw new FunctionError(`"${printed(value).slice(0, 40)}" is no time`);
  return { atMs, zone: 'UTC' };
}

interface Parts {
  readonly [type: string]: string;
}

function partsOf({ atMs, zone }: Moment): Parts {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      ...{ year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' },
      ...{
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        hourCycle: 'h23',
        timeZoneName: 'longOffset',
      },
    });
  } catch {
    throw new FunctionError(`there is no time zone "${zone}"`);
  }
  return Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
}

const TOKENS =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|Z0700|-07:00|-0700|-07|\.0+|\.9+|_2|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5/g;

/** Writes a moment in the way of Go: the layout shows how the second of 2006-01-02 15:04:05 would look. */
export function formatDate(layout: string, moment: Moment): string {
  const parts = partsOf(moment);
  const two = (text = '0'): string => text.padStart(2, '0');
  const month = new Date(`${parts['month']} 1, 2000 UTC`).getUTCMonth() + 1;
  const hour = Number(parts['hour']);
  const offset = (parts['timeZoneName'] ?? 'GMT').replace('GMT', '') || '+00:00';
  const clock12 = String(hour % 12 || 12);
  const millis = String(((moment.atMs % 1_000) + 1_000) % 1_000).padStart(3, '0');
  const fixed: Readonly<Record<string, string>> = {
    January: parts['month'] ?? '',
    Jan: (parts['month'] ?? '').slice(0, 3),
    Monday: parts['weekday'] ?? '',
    Mon: (parts['weekday'] ?? '').slice(0, 3),
    MST: moment.zone === 'UTC' ? 'UTC' : offset.replace(':00', ''),
    '2006': (parts['year'] ?? '').padStart(4, '0'),
    '06': (parts['year'] ?? '').slice(-2).padStart(2, '0'),
    '01': two(String(month)),
    '1': String(month),
    '02': two(parts['day']),
    _2: (parts['day'] ?? '').padStart(2, ' '),
    '2': parts['day'] ?? '',
    '15': two(String(hour)),
    '03': two(clock12),
    '3': clock12,
    '04': two(parts['minute']),
    '4': String(Number(parts['minute'])),
    '05': two(parts['second']),
    '5': String(Number(parts['second'])),
    PM: hour < 12 ? 'AM' : 'PM',
    pm: hour < 12 ? 'am' : 'pm',
    'Z07:00': offset === '+00:00' ? 'Z' : offset,
    Z0700: offset === '+00:00' ? 'Z' : offset.replace(':', ''),
    '-07:00': offset,
    '-0700': offset.replace(':', ''),
    '-07': offset.slice(0, 3),
  };
  return layout.replace(TOKENS, (token) => {
    const digits = millis.padEnd(token.length - 1, '0').slice(0, token.length - 1);
    if (token.startsWith('.0')) return `.${digits}`;
    if (token.startsWith('.9'))
      return digits.replace(/0+$/, '') === '' ? '' : `.${digits.replace(/0+$/, '')}`;
    return fixed[token] ?? token;
  });
}

function inZone(value: Value, zone: string): Moment {
  // Go names the zone of the machine so; mails are written for people elsewhere.
  return { ...toMoment(value), zone: zone === '' || zone === 'Local' ? 'UTC' : zone };
}

function durationMs(text: string): number {
  try {
    return parseDurationMs(text.replace(/^\+/, ''));
  } catch {
    throw new FunctionError(`"${text.slice(0, 40)}" is no duration`);
  }
}

function moved(args: readonly Value[]): Moment {
  const moment = toMoment(args[1]);
  return toMomentOf(moment, moment.atMs + durationMs(textArg(args, 0)));
}

const toMomentOf = (moment: Moment, atMs: number): Moment => ({
  ...toMoment(atMs / 1_000),
  zone: moment.zone,
});

export const DATE_FUNCTIONS: FunctionTable = {
  date: (args) => {
    atLeast(args, 2);
    return formatDate(textArg(args, 0), toMoment(args[1]));
  },
  dateInZone: (args) => {
    atLeast(args, 3);
    return formatDate(textArg(args, 0), inZone(args[1], textArg(args, 2)));
  },
  date_in_zone: (args) => {
    atLeast(args, 3);
    return formatDate(textArg(args, 0), inZone(args[1], textArg(args, 2)));
  },
  htmlDate: (args) => formatDate('2006-01-02', toMoment(args[0])),
  htmlDateInZone: (args) => formatDate('2006-01-02', inZone(args[0], textArg(args, 1))),
  /** The layout tells Go how to read the text; here a text must be as RFC 3339 or ISO 8601 write it. */
  toDate: (args) => {
    atLeast(args, 2);
    return toMoment(args[1]);
  },
  dateModify: moved,
  date_modify: moved,
  unixEpoch: (args) => String(Math.floor(toMoment(args[0]).atMs / 1_000)),
  duration: (args) => durationText(numberArg(args, 0)),
};

/** Seconds -> `1h0m5s`, as Go writes a duration. */
function durationText(seconds: number): string {
  const whole = Math.trunc(Math.abs(seconds));
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  const text = `${hours > 0 ? `${hours}h` : ''}${whole >= 60 ? `${minutes}m` : ''}${whole % 60}s`;
  return seconds < 0 ? `-${text}` : text;
}
