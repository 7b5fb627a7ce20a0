// A browser or app that its person has signed in with before: what it holds tells it from strangers, and lets nobody in.
import type { IdentityId } from '../lib/ids.ts';

/** Sealed in a cookie or handed to an app; nothing of it is stored here. */
export interface KnownDevice {
  readonly identityId: IdentityId;
  /** Of this device for this person. Its guesses are counted under it. */
  readonly id: string;
  readonly expiresAtMs: number;
}

/** People who sign in with one browser; of more, those who did so last are kept. */
export const MOST_PEOPLE_OF_DEVICE = 4;
