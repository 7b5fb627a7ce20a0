// What do the `format` words of identity schemas mean?
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Meter } from './meter.ts';
import { compilePattern } from './pattern.ts';
import { toE164 } from './phone.ts';

type FormatCheck = (text: string) => boolean;

/** A mailbox that can be written to: at most 254 characters, 64 before the @, a host name behind it (RFC 5321, 5322). */
export function isEmail(text: string): boolean {
  const [local, domain] = splitMailbox(text);
  if (text.length > 254 || local === '' || local.length > 64 || !isDomain(domain)) return false;
  return DOT_ATOM.test(local) || QUOTED.test(local);
}

/** Mailboxes that break the rules and exist nevertheless, such as `foo.@docomo.ne.jp`. Safe inside a mail header. */
export function isLooseEmail(text: string): boolean {
  const [local, domain] = splitMailbox(text);
  return text.length <= 320 && LOOSE_LOCAL.test(local) && isDomain(domain);
}

const DOT_ATOM = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const QUOTED = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])+"$/u;
const LOOSE_LOCAL = /^[^\s\p{Cc}\p{Cf}@<>()[\]\\,;:"]+$/u;

function splitMailbox(text: string): readonly [local: string, domain: string] {
  const at = text.lastIndexOf('@');
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + 1)];
}

function isHostname(text: string): boolean {
  const host = text.endsWith('.') ? text.slice(0, -1) : text;
  return isDomain(host);
}

/** Behind an @ no dot may stand at the end (RFC 5321): it would make a second spelling of the same mailbox. */
function isDomain(host: string): boolean {
  if (host === '' || host.length > 253) return false;
  return host.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
}

/** RFC 3339 full-date; the day must exist. */
function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!found) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (days[month - 1] ?? 0);
}

/** RFC 3339 full-time. A leap second only where it can be: at the end of a UTC minute 23:59. */
function isTime(text: string): boolean {
  const found = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|([+-])(\d\d):(\d\d))$/.exec(text);
  if (!found) return false;
  const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const [offsetHour, offsetMinute] = [Number(found[5] ?? 0), Number(found[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second < 60) return true;
  const offset = (found[4] === '-' ? -1 : 1) * (offsetHour * 60 + offsetMinute);
  return (hour * 60 + minute - offset + 2 * 1440) % 1440 === 1439;
}

/** Longer than any clock is exact. */
const MAX_TIME_LENGTH = 100;

function isDateTime(text: string): boolean {
  if (text.length > MAX_TIME_LENGTH) return false;
  const [date = '', time = '', ...rest] = text.split(/[tT]/);
  return rest.length === 0 && isDate(date) && isTime(time);
}

function isUriReference(text: string): boolean {
  if (/[\p{Cc}\s<>"\\^`{|}]/u.test(text) || /%(?![0-9A-Fa-f]{2})/.test(text)) return false;
  const authority = /^(?:[^:/?#]+:)?\/\/([^/?#]*)/.exec(text)?.[1];
  return authority === undefined || isAuthority(authority);
}

function isAuthority(text: string): boolean {
  const found = /^(?:[^@]*@)?(\[[^\]]*\]|[^:@[\]]*)(?::\d*)?$/.exec(text);
  const host = found?.[1];
  return host !== undefined && (!host.startsWith('[') || isIPv6(host.slice(1, -1)));
}

function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && isUriReference(text);
}

function isUriTemplate(text: string): boolean {
  const expression =
    /\{[+#./;?&=,!@|]?(?:[\w.]|%[0-9A-Fa-f]{2})+(?::\d{1,4}|\*)?(?:,(?:[\w.]|%[0-9A-Fa-f]{2})+(?::\d{1,4}|\*)?)*\}/g;
  return text.length <= 2_000 && isUriReference(text.replace(expression, 'x'));
}

function isRegex(text: string): boolean {
  try {
    compilePattern(text);
    return true;
  } catch {
    return false;
  }
}

const isJsonPointer: FormatCheck = (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text);
const isRelativeJsonPointer: FormatCheck = (text) =>
  /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(text);

const checks: Readonly<Record<string, FormatCheck>> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  email: isEmail,
  'idn-email': isEmail,
  email_loose: isLooseEmail,
  tel: (text) => toE164(text) !== undefined,
  'no-validate': () => true,
  hostname: isHostname,
  ipv4: (text) => isIPv4(text),
  'ip-address': (text) => isIPv4(text),
  ipv6: (text) => isIP(text) === 6 && !text.includes('%'),
  uri: isUri,
  iri: isUri,
  'uri-reference': isUriReference,
  'iri-reference': isUriReference,
  'uri-template': isUriTemplate,
  regex: isRegex,
  'json-pointer': isJsonPointer,
  'relative-json-pointer': isRelativeJsonPointer,
};

/** Steps beside those for the length: looking up a phone number, and compiling a pattern. */
const MORE_STEPS: Readonly<Record<string, number>> = { tel: 1_000, regex: 50_000 };

/** The formats by name (docs/protocol/platform.md section 2). Only texts are checked, and the meter pays for their length. */
export const formats: Readonly<Record<string, (text: string, meter?: Meter) => boolean>> = Object.fromEntries(
  Object.entries(checks).map(([name, check]) => [
    name,
    (text, meter) => {
      meter?.spend(text.length + (MORE_STEPS[name] ?? 20));
      return check(text);
    },
  ]),
);
