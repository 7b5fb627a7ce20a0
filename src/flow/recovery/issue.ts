// Recovery by an administrator's hand: a code or link for somebody who has lost every way in.

import type { Act } from '../../event/administrator.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { methodDisabled } from '../../protocol/refusals.ts';
import type { FlowDeps } from '../deps.ts';
import { patchFlow } from '../engine/patch.ts';
import { type FlowStart, newFlow } from '../engine/start.ts';
import type { Flow, FlowType } from '../flow.ts';
import type { ProofStep } from '../method/step.ts';

export interface RecoveryWish {
  readonly method: string;
  /** Undefined where none was given: then nobody is meant. */
  readonly identityId: IdentityId | undefined;
  readonly type: FlowType;
  /** Absent: as long as the method is configured to. */
  readonly lifespanMs: number | undefined;
  /** The administrator's request; its `return_to` is where the person goes in the end. */
  readonly start: Omit<FlowStart, 'csrfToken'>;
  readonly act: Act;
}

export interface IssuedRecovery {
  readonly flow: Flow;
  /** What is handed over, in clear; it is kept nowhere. */
  readonly secret: string;
}

/**
 * Makes the flow and its secret; undefined where the person is unknown. Throws 404 where recovery or the method is switched
 * off. The flow lives as long as the secret, and belongs to no browser: whoever has the secret may use it anywhere.
 */
export async function issueRecovery(deps: FlowDeps, wish: RecoveryWish): Promise<IssuedRecovery | undefined> {
  const issue = issuerOf(deps, wish.method);
  const { stores } = deps.database;
  const identity = wish.identityId && (await stores.identities.findFull(wish.identityId));
  if (!identity) return undefined;
  const made = newFlow(deps, 'recovery', wish.type, { ...wish.start, csrfToken: '' });
  const { csrfDigest: _nobodys, ...open } = { ...made, active: wish.method };
  const issued = issue({ flow: open, identity, lifespanMs: wish.lifespanMs });
  const patched = patchFlow(deps, open, issued.patch, { method: wish.method, order: (nodes) => nodes });
  const flow: Flow = { ...patched, expiresAtMs: issued.expiresAtMs };
  await deps.database.transaction(async (unit) => {
    await unit.flows.insert(flow);
    await issued.effect(unit);
    const who = { identityId: identity.id, flowId: flow.id, method: wish.method };
    await unit.events.append(wish.act({ kind: 'recovery.requested', ...who }));
  });
  return { flow, secret: issued.value };
}

function issuerOf(deps: FlowDeps, name: string): NonNullable<ProofStep['issue']> {
  const method = deps.methods.find((known) => known.name === name);
  const issue = method?.handlers.recovery?.issue;
  if (!deps.settings.isRecoveryOpen || !method?.isEnabled || !issue) throw methodDisabled();
  return issue;
}
