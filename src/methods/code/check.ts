// A typed code: how it counts as a guess, and whether it is one of those that were sent for this flow.
import type { Flow } from '../../flow/flow.ts';
import type { Guess } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { matchSecret, type OneTimeSecret, type SecretPurpose } from '../../flow/secret/one-time-secret.ts';
import type { CodeConfig } from './config.ts';

/** One guess is a guess at every code of the flow, so none of their addresses is spared by standing behind another one. */
export async function guessAtCodes(
  deps: MethodDeps,
  config: CodeConfig,
  of: { readonly flow: Flow; readonly purpose: SecretPurpose },
): Promise<Guess> {
  const secrets = await deps.database.stores.secrets.findOfFlow(of.flow.id, of.purpose);
  return {
    // Codes that an administrator made went to no address: only who was given the flow can guess at them, and strangers who
    // guess at others spend none of their tries.
    accounts: secrets
      .filter(({ address }) => address !== '')
      .map((secret) => secret.identityId ?? secret.address),
    secret: 'short',
    maxPerFlow: config.config.max_submissions,
  };
}

/** The code that was sent for this flow and is meant; undefined where it is a wrong one. */
export async function findCode(
  deps: MethodDeps,
  of: { readonly flow: Flow; readonly purpose: SecretPurpose; readonly code: string },
): Promise<OneTimeSecret | undefined> {
  const secrets = await deps.database.stores.secrets.findOfFlow(of.flow.id, of.purpose);
  // Pasted codes come with spaces around and between the digits.
  const typed = of.code.replace(/\s/g, '');
  return matchSecret(secrets, typed, { keys: deps.secretKeys, nowMs: deps.clock.nowMs() });
}

export const USED_ALREADY = 'This code was used already. Request a new one.';
