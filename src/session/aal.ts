// Which level do the proofs of a session reach, and is it enough? Computed from evidence each time, never stored.
import type { Aal, AuthMethodRef } from './session.ts';

export type RequiredAal = 'aal1' | 'highest_available';

/** The level that a history of proofs reaches (docs/protocol/http.md 4.6). */
export function reachedAal(proofs: readonly AuthMethodRef[]): Aal {
  if (proofs.length === 0) return 'aal0';
  const second = proofs.filter((proof) => proof.aal === 'aal2');
  if (second.some((proof) => proof.countsForBoth)) return 'aal2';
  return second.length > 0 && second.length < proofs.length ? 'aal2' : 'aal1';
}

/** True where the level is enough: two factors are only asked of a person who has a second one that can be used now. */
export function isAalEnough(reached: Aal, required: RequiredAal, hasSecondFactor: boolean): boolean {
  if (reached === 'aal2') return true;
  if (reached === 'aal0') return false;
  return required === 'aal1' || !hasSecondFactor;
}

const RANK: Readonly<Record<Aal, number>> = { aal0: 0, aal1: 1, aal2: 2 };

/** True where `reached` is at least `wanted`. */
export function isAtLeast(reached: Aal, wanted: Aal): boolean {
  return RANK[reached] >= RANK[wanted];
}
