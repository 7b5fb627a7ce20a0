// Is this a phone number in international form, and how is it written so that two spellings are equal?
import { createRequire } from 'node:module';

// The full tables tell apart numbers that exist from numbers of the right length, as the protocol wants it. They cost
// 20 ms and 15 MB (measured), so they are loaded when the first text comes that starts with a plus sign.
type PhoneLibrary = typeof import('libphonenumber-js/max');
let library: PhoneLibrary | undefined;

const MAX_LENGTH = 40;
/** With the spaces around it. */
const MAX_TEXT = 1_024;

/** As it stands in a link (RFC 3966): the same number, so not a second account. */
const SCHEME = /^tel:/i;

/** E.164 ("+41791234501") where the text is a valid number with its country code, else undefined. */
export function toE164(text: string): string | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const trimmed = text.trim().replace(SCHEME, '').trimStart();
  if (!/^[+＋]/u.test(trimmed) || trimmed.length > MAX_LENGTH) return undefined;
  // `require` has no types; the package's own are used.
  library ??= createRequire(import.meta.url)('libphonenumber-js/max') as PhoneLibrary;
  const number = library.parsePhoneNumberFromString(trimmed, { extract: false });
  return number?.isValid() ? number.number : undefined;
}
