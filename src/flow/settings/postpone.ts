// A change of address that waits for its verification instead of being saved.

import type { FullIdentity, VerifiableAddress } from '../../identity/identity.ts';
import * as messages from '../../protocol/messages.ts';
import { misconfigured } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { Postponed, Vetoed } from '../hook/contract.ts';
import type { FlowRequest } from '../request.ts';
import { TOO_MANY_MESSAGES } from '../secret/budget.ts';
import type { SignedIn } from '../session/signed-in.ts';
import { beginFor, showVerification } from '../verification/begin.ts';
import { endPendingChanges, traitsDigest, withPendingChange } from '../verification/pending-change.ts';

/** Begins the verification of the address, with the change in its keeping. An address that somebody has is refused. */
export async function postponeChange(
  deps: FlowDeps,
  address: VerifiableAddress,
  of: {
    readonly flow: Flow;
    readonly request: FlowRequest;
    readonly method: string;
    readonly active: SignedIn;
    readonly changed: FullIdentity;
  },
): Promise<Postponed | Vetoed> {
  if (!deps.settings.isVerificationOpen) {
    throw misconfigured('The hook verify_new_address needs selfservice.flows.verification to be enabled.');
  }
  const { identity, session } = of.active;
  const wanted = { via: address.via, value: address.value };
  const holder = await deps.database.stores.identities.findHolder({ identifiers: [], addresses: [wanted] });
  if (holder && holder.id !== identity.id) {
    return { kind: 'veto', problems: [{ message: messages.duplicateIdentifier() }] };
  }
  const pending = withPendingChange({
    identityId: identity.id,
    sessionId: session.id,
    method: of.method,
    traits: of.changed.traits,
    oldTraitsDigest: traitsDigest(identity.traits),
    address: wanted,
  });
  const { flow, request } = of;
  const cause = { identity, origin: flow, request, csrfToken: request.csrfToken };
  const begun = await beginFor(deps, address, cause, { internal: pending, identityId: identity.id });
  if (!begun) return { kind: 'veto', problems: [{ message: messages.generic(TOO_MANY_MESSAGES) }] };
  return {
    kind: 'postpone',
    effects: [(stores) => endPendingChanges(stores, identity.id), begun.effect],
    continueWith: [showVerification(begun.begun, flow.type)],
    goTo: begun.begun.url,
  };
}
