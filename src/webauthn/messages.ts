// What every method that works with keys says.
import type { Message } from '../protocol/message.ts';

const error = (id: number, text: string): Message => ({ id, text, type: 'error' });

export const noSuchKey = (): Message =>
  error(4000015, "We couldn't find an account that signs in with this key.");
export const keyRefused = (): Message =>
  error(4000043, "We couldn't verify this key. Try again, or use another way to sign in.");

/** Reasons of generic errors. */
export const UNREADABLE = 'The browser sent an answer that is not valid. Try again.';
export const NOT_VERIFIED = "The new key couldn't be verified. Try again.";
export const HELD_ALREADY = 'This key is already set up.';
export const UNKNOWN_KEY = 'This key is not set up for your account.';
export const LAST_WAY_IN = 'This is your only way to sign in. Set up another one before you remove it.';
