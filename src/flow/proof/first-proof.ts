// A proof that went through an address: it verifies the address, and the first one of an account ends what was set up before it.

import type { CourierMessage } from '../../courier/message.ts';
import { type Change, edit } from '../../identity/change/change.ts';
import { endsSomething, isFirstProof } from '../../identity/change/claim.ts';
import { withChanges } from '../../identity/change/decide.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { identityToJson } from '../../identity/view.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import type { FlowDeps } from '../deps.ts';
import { changeRules, deriveTraits } from '../engine/plan.ts';
import type { EffectStores, ProvenAddress } from '../method/outcome.ts';

export interface AddressProof {
  readonly changes: readonly Change[];
  /** What the person is told where something ends; undefined where nothing does. */
  readonly notice: { readonly message: CourierMessage | undefined } | undefined;
}

/**
 * The changes that come with the proof. `isOwner`: whoever proves it holds a session of the account already, so they have
 * made what is in it. The notice is made here, before any transaction.
 */
export async function addressProof(
  deps: FlowDeps,
  identity: Snapshot,
  of: { readonly address: ProvenAddress | undefined; readonly isOwner: boolean },
): Promise<AddressProof> {
  const { address } = of;
  if (!address) return { changes: [], notice: undefined };
  const { claim, verify } = edit(identity);
  if (of.isOwner || !deps.settings.endsUnprovenCredentials || !isFirstProof(identity, address)) {
    return { changes: [verify(address)], notice: undefined };
  }
  const changes = [claim(address, deriveTraits(deps)), verify(address)];
  const after = withChanges(identity, changes, { rules: changeRules(deps), nowMs: deps.clock.nowMs() });
  if (!endsSomething(identity, after)) return { changes, notice: undefined };
  return { changes, notice: { message: await composeNotice(deps, identity, address) } };
}

function composeNotice(
  deps: FlowDeps,
  identity: FullIdentity,
  { via, value }: ProvenAddress,
): Promise<CourierMessage | undefined> {
  return deps.composeNotice({
    templateName: 'credentials_ended',
    type: via,
    recipient: value,
    data: {
      to: value,
      identity: identityToJson(identity, { publicUrl: deps.settings.publicUrl }),
      changed_at: toRfc3339(deps.clock.nowMs()),
    },
  });
}

/** Queues the notice where something did end. */
export async function queueNotice(
  { messages }: Pick<EffectStores, 'messages'>,
  { notice }: AddressProof,
  written: { readonly before: FullIdentity; readonly after: FullIdentity },
): Promise<void> {
  if (notice?.message && endsSomething(written.before, written.after)) await messages.insert(notice.message);
}
