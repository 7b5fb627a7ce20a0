// When are two spellings of an identifier or address the same? After this they are equal, character by character.
import { toE164 } from './phone.ts';

// Characters that nobody sees, or that turn the direction of others: two names that look alike must not be two accounts.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * What signs a person in, in the form in which it is stored: trimmed, half- and full-width forms as one, lower case,
 * NFKC, unseen characters gone, and phone numbers as E.164 (docs/protocol/methods.md section 17).
 */
export function normaliseIdentifier(text: string): string {
  const folded = fold(text);
  return toE164(folded) ?? folded;
}

/**
 * Nothing longer can be stored, so nothing longer has another spelling. Measured: to bring the accents of a text into their
 * order takes 11 s for 260 kB of them, and no time for a thousand.
 */
const MAX_LENGTH = 1_024;

/** The same without the look at phone numbers: for addresses that are known to be e-mail. */
export function fold(text: string): string {
  if (text.length > MAX_LENGTH) return text;
  let folded = text;
  // Compatibility forms can hold capitals ("℡" is "TEL"), so one round may leave work for another.
  for (let round = 0; round < 4; round += 1) {
    const next = folded.normalize('NFKC').toLowerCase().replace(UNSEEN, '').normalize('NFKC').trim();
    if (next === folded) break;
    folded = next;
  }
  return folded;
}

/** The spellings under which a typed identifier may be stored, the likeliest first: normalised, then as it was typed. */
export function lookupForms(typed: string): readonly string[] {
  return [...new Set([normaliseIdentifier(typed), typed])].filter((form) => form !== '');
}
