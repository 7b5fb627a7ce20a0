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
    const text =
      left === 0
        ? 'You have no backup codes left.'
        : left === 1
          ? 'You have 1 backup code left.'
          : 'You have {count} backup codes left.';
    return { text, values: { count: left }, link: 'Create new ones' };
  }
  if (all > 0 || factors.second === 0) return undefined;
  return {
    text: 'Create backup codes so you can still sign in if you lose your second step.',
    link: 'Create backup codes',
  };
}
