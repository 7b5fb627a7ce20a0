// Tells browsers which other origins may use the keys of this relying party (W3C WebAuthn level 3, section 5.11).
import type { RelyingParty } from './party.ts';

export const RELATED_ORIGINS_PATH = '/.well-known/webauthn';

/** The document at `/.well-known/webauthn`: every origin of the web that is configured. */
export function relatedOrigins(parties: readonly RelyingParty[]): string {
  const origins = parties.flatMap((party) => party.origins).filter((origin) => /^https?:/.test(origin));
  return JSON.stringify({ origins: [...new Set(origins)] });
}
