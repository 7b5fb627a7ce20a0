// A second way back, before the only one is lost.

import type { Person } from '../../flow/method/at.ts';
import type { Suggestion } from '../../flow/method/contract.ts';
import type { FactorCount } from '../../flow/method/credential-kind.ts';
import { countCodes, FEW_CODES } from './codes.ts';
import { NAME } from './credential.ts';

export function suggestCodes({
  identity,
  factors,
}: Person & { readonly factors: FactorCount }): Suggestion | undefined {
  const { all, left } = countCodes(identity.credentials[NAME]?.config);
  if (all > 0 && left <= FEW_CODES) {
    const few =
      left === 0
        ? 'You have no backup codes left.'
        : `You have ${left} backup ${left === 1 ? 'code' : 'codes'} left.`;
    return { text: few, link: 'Create new ones' };
  }
  if (all > 0 || factors.second === 0) return undefined;
  return {
    text: "Without your second factor you can't sign in. Backup codes let you in if you lose it.",
    link: 'Create backup codes',
  };
}
