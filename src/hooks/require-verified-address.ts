// Nobody signs in before one of their addresses is verified.

import type { BeforeAnswer, HookContext, HookDefinition } from '../flow/hook/contract.ts';
import { showVerification } from '../flow/verification/begin.ts';
import * as messages from '../protocol/messages.ts';
import { misconfigured, verifiedAddressRequired } from '../protocol/refusals.ts';

export const requireVerifiedAddress: HookDefinition<object> = {
  name: 'require_verified_address',
  flows: ['login'],
  create: (_config, { features }) => ({
    before: (context) => requireVerified(context, features.refusesUnverifiedOnForm),
  }),
};

async function requireVerified(context: HookContext, refusesOnForm: boolean): Promise<BeforeAnswer> {
  const addresses = context.identity.verifiableAddresses;
  if (addresses.some((address) => address.verified)) return { kind: 'pass' };
  if (addresses.length === 0) {
    throw misconfigured(
      'The hook require_verified_address needs an address in the identity schema that can be verified.',
    );
  }
  if (refusesOnForm) return { kind: 'veto', problems: [{ message: messages.addressNotVerified() }] };
  const begun = context.kind === 'login' ? await context.beginVerification() : undefined;
  const [first] = begun?.begun ?? [];
  // Apps get the address of the page too, native ones included (docs/protocol/http.md 2.5).
  const continueWith = first ? [showVerification(first, 'browser')] : [];
  return {
    kind: 'refuse',
    error: verifiedAddressRequired(continueWith, first?.url),
    effects: begun?.effects ?? [],
  };
}
