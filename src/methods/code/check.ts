// A typed code: counted before it is compared, and matched against what was sent for this flow.
import type { Flow } from '../../flow/flow.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { matchSecret, type OneTimeSecret, type SecretPurpose } from '../../flow/secret/one-time-secret.ts';
import type { CodeConfig } from './config.ts';

export type CodeCheck =
  | { readonly kind: 'match'; readonly secret: OneTimeSecret }
  | { readonly kind: 'wrong' }
  /** No try is left in this flow, or against this account. */
  | { readonly kind: 'exhausted' };

export async function checkCode(
  deps: MethodDeps,
  config: CodeConfig,
  of: { readonly flow: Flow; readonly purpose: SecretPurpose; readonly code: string },
): Promise<CodeCheck> {
  const secrets = await deps.database.stores.secrets.findOfFlow(of.flow.id, of.purpose);
  const mayTry = await deps.budget.countTry({
    flow: of.flow,
    // One guess is a guess at every code of the flow, so none of their addresses is spared by standing behind another one.
    accounts: secrets.map((secret) => secret.identityId ?? secret.address),
    maxPerFlow: config.config.max_submissions,
  });
  if (!mayTry) return { kind: 'exhausted' };
  // Pasted codes come with spaces around and between the digits.
  const typed = of.code.replace(/\s/g, '');
  const secret = matchSecret(secrets, typed, { keys: deps.secretKeys, nowMs: deps.clock.nowMs() });
  return secret ? { kind: 'match', secret } : { kind: 'wrong' };
}

/** Shown where no try is left. */
export const TOO_OFTEN = 'This was tried too often. Please ask for a new code later.';
export const USED_ALREADY = 'This code was used already. Please ask for a new one.';
