// What is a stored hash? The shape that every known kind of it has, and how its bytes are read and compared.
import { timingSafeEqual } from 'node:crypto';

/** A kind of stored hash that can be checked. */
export interface HashFormat {
  /** The start by which it is known. */
  readonly prefix: RegExp;
  /** True where the password fits; false also for a form that cannot be read. */
  readonly verify: (password: string, encoded: string) => Promise<boolean>;
  /** Why a hash of this kind cannot be imported, in words for administrators; undefined where it can. */
  readonly fault: (encoded: string) => string | undefined;
}

/** Standard base64, with or without padding; the formats check the letters before. */
export const fromBase64 = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');

/** Takes the same time wherever the bytes differ; an empty expectation fits nothing. */
export function equalBytes(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && expected.length > 0 && timingSafeEqual(actual, expected);
}

/** True where the text is a decimal within the bounds, both included. */
export function isWithin(text: string | undefined, least: number, most: number): boolean {
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most;
}
