// The offer to create a passkey, for who has just signed in without one.

import type { Person } from '../../flow/method/at.ts';
import type { Suggestion } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import type { PasskeyConfig } from './config.ts';
import { ringOf } from './credential.ts';

/** Later on they have come for something else. */
const JUST_NOW_MS = 10 * 60_000;

export function suggestPasskey(
  { clock }: MethodDeps,
  { config }: PasskeyConfig,
  { identity, session }: Person,
): Suggestion | undefined {
  const isNew = clock.nowMs() - session.authenticatedAtMs < JUST_NOW_MS;
  if (!config?.offer_after_password || !isNew || ringOf(identity).keys.length > 0) return undefined;
  return {
    text: 'Sign in faster next time, with your fingerprint, face or screen lock.',
    link: 'Create a passkey',
  };
}
