// A change of traits that waits until the new address in it is verified. It lives and ends with the verification flow.
import { type Change, edit } from '../../identity/change/change.ts';
import type { AddressVia } from '../../identity/identity.ts';
import { validateTraits } from '../../identity/validate.ts';
import { type IdentityId, parseUuid, type SessionId } from '../../lib/ids.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Session } from '../../session/session.ts';
import type { FlowDeps } from '../deps.ts';
import type { Flow } from '../flow.ts';
import type { EffectStores, Proven } from '../method/outcome.ts';

export interface PendingChange {
  readonly identityId: IdentityId;
  /** The session in which the change was made: once it has ended, nobody stands behind the change any more. */
  readonly sessionId: SessionId;
  /** The method that made it: its hooks run when it is written. */
  readonly method: string;
  readonly traits: JsonObject;
  /** Of the traits that it replaces: a change made meanwhile must not be undone by an older one. */
  readonly oldTraitsDigest: string;
  readonly address: { readonly via: AddressVia; readonly value: string };
}

const KEY = 'pending_change';

export const traitsDigest = (traits: JsonObject): string => tokenDigest(JSON.stringify(traits));

/** The flow's private memory with the change in it. */
export const withPendingChange = (change: PendingChange): JsonObject => ({ [KEY]: { ...change } });

/** Takes back every change of the person that waits: of two, only the later one is still wanted. Its flow goes on without it. */
export async function endPendingChanges(
  { flows, secrets }: Pick<EffectStores, 'flows' | 'secrets'>,
  identityId: IdentityId,
): Promise<true> {
  for (const flow of await flows.findOfIdentity('verification', identityId)) {
    if (!pendingChangeOf(flow)) continue;
    const { [KEY]: _unwanted, ...internal } = flow.internal;
    await flows.save({ ...flow, internal });
    await secrets.deleteOfFlow(flow.id);
  }
  return true;
}

export function pendingChangeOf(flow: Pick<Flow, 'internal'>): PendingChange | undefined {
  const kept = flow.internal[KEY];
  // The cast reads back what withPendingChange wrote.
  return isJsonObject(kept) ? (kept as unknown as PendingChange) : undefined;
}

/** Whose pending change waits for this address, if the flow holds one. */
export function pendingOwnerId(
  flow: Pick<Flow, 'internal'>,
  wanted: { readonly via: AddressVia; readonly value: string },
): IdentityId | undefined {
  const change = pendingChangeOf(flow);
  const isWaiting = change?.address.via === wanted.via && change.address.value === wanted.value;
  return isWaiting ? change.identityId : undefined;
}

/** What a proof means where a change waits for it. */
export type PendingCheck =
  | { readonly kind: 'none' }
  /** Something is different by now, so that the change cannot be written any more. */
  | { readonly kind: 'stale' }
  | {
      readonly kind: 'ready';
      readonly change: PendingChange;
      readonly session: Session;
      /** The new traits, and the address verified. */
      readonly changes: readonly Change[];
    };

export async function checkPendingChange(
  deps: FlowDeps,
  flow: Flow,
  proven: Pick<Proven, 'identity' | 'address'>,
): Promise<PendingCheck> {
  const change = pendingChangeOf(flow);
  const isItsProof = proven.address && pendingOwnerId(flow, proven.address) === proven.identity.id;
  if (!change || !isItsProof) return { kind: 'none' };
  const nowMs = deps.clock.nowMs();
  const sessionId = parseUuid<SessionId>(change.sessionId);
  const found = sessionId && (await deps.database.stores.sessions.find(sessionId));
  const isUsable =
    found?.session.active && found.session.expiresAtMs > nowMs && found.identity.state === 'active';
  if (!isUsable || found.identity.id !== change.identityId) return { kind: 'stale' };
  const { identity } = proven;
  if (traitsDigest(identity.traits) !== change.oldTraitsDigest) return { kind: 'stale' };
  const checked = validateTraits(deps.schemas.get(identity.schemaId), change.traits);
  if (!checked.ok) return { kind: 'stale' };
  const { traits, verify } = edit(identity);
  const changes = [traits(checked.value), verify(change.address)];
  return { kind: 'ready', change, session: found.session, changes };
}
