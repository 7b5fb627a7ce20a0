// What a hook makes of a person, checked against the schema before it counts.
import { withGiven } from '../../identity/admin/given-addresses.ts';
import { changeIdentity } from '../../identity/assemble.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { validateTraits } from '../../identity/validate.ts';
import * as messages from '../../protocol/messages.ts';
import type { FlowDeps } from '../deps.ts';
import { ownIdentifierTypes } from '../method/factors.ts';
import type { IdentityRewrite, Vetoed } from './contract.ts';

/** The identity after the rewrite; problems stand at the nodes of the traits that do not fit. */
export function rewritten(
  deps: Pick<FlowDeps, 'methods' | 'schemas'>,
  identity: FullIdentity,
  of: { readonly changes: IdentityRewrite; readonly nowMs: number },
): { readonly kind: 'identity'; readonly value: FullIdentity } | Vetoed {
  const { changes, nowMs } = of;
  const schema = deps.schemas.find(changes.schemaId ?? identity.schemaId);
  if (!schema) {
    const reason = `No identity schema has the id "${changes.schemaId}".`;
    return { kind: 'veto', problems: [{ message: messages.generic(reason) }] };
  }
  const isTraitsChange = changes.traits !== undefined || changes.schemaId !== undefined;
  const checked = isTraitsChange ? validateTraits(schema, changes.traits ?? identity.traits) : undefined;
  if (checked && !checked.ok) return { kind: 'veto', problems: checked.problems };
  const changed = changeIdentity(identity, {
    ...(checked ? { traits: checked.value } : {}),
    ...(changes.state ? { state: changes.state } : {}),
    ...(changes.metadataPublic === undefined ? {} : { metadataPublic: changes.metadataPublic }),
    ...(changes.metadataAdmin === undefined ? {} : { metadataAdmin: changes.metadataAdmin }),
    ...(changes.externalId === undefined ? {} : { externalId: changes.externalId }),
    nowMs,
    ownIdentifiers: ownIdentifierTypes(deps.methods),
  });
  const given = changes.verifiableAddresses;
  const value = given
    ? { ...changed, verifiableAddresses: withGiven(changed.verifiableAddresses, given, nowMs) }
    : changed;
  return { kind: 'identity', value };
}
