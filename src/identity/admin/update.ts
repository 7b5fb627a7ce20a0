// Changes of a stored identity by administrators: checked and stored, with their events, in one transaction.
import type { Act } from '../../event/administrator.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { invariant } from '../../protocol/api-error.ts';
import { notFound } from '../../protocol/refusals.ts';
import { changeIdentity } from '../assemble.ts';
import { override } from '../change/change.ts';
import type { FullIdentity, IdentityState } from '../identity.ts';
import {
  type AdministrationDeps,
  changeRules,
  ownIdentifierTypes,
  refusingConflicts,
  requireSchema,
  requireValid,
} from './administration.ts';
import { type GivenCredential, importCredentials } from './import.ts';

/** Takes the place of what is stored: what it does not name is gone, except schema, state and credentials. */
export interface Replacement {
  readonly schemaId?: string;
  readonly traits: JsonObject;
  readonly credentials: readonly GivenCredential[];
  readonly state?: IdentityState;
  readonly metadataPublic: Json;
  readonly metadataAdmin: Json;
  readonly externalId?: string;
}

/** Throws 404, 400 where the result is no identity, 409 where somebody else holds what it claims. */
export async function replaceIdentity(
  deps: AdministrationDeps,
  id: IdentityId,
  replacement: Replacement,
  act: Act,
): Promise<FullIdentity> {
  const credentials = await importCredentials(deps, replacement.credentials, { identityId: id });
  return changeStored(deps, id, act, (before) =>
    changeIdentity(before, {
      traits: requireValid(requireSchema(deps, replacement.schemaId ?? before.schemaId), replacement.traits),
      credentials,
      metadataPublic: replacement.metadataPublic,
      metadataAdmin: replacement.metadataAdmin,
      externalId: replacement.externalId ?? null,
      ...(replacement.state ? { state: replacement.state } : {}),
      nowMs: deps.clock.nowMs(),
      ownIdentifiers: ownIdentifierTypes(deps.credentialRules),
    }),
  );
}

/** `change` is given the person as they are in the transaction that writes, so that two who change at once cannot undo each other. */
export function changeStored(
  deps: AdministrationDeps,
  id: IdentityId,
  act: Act,
  change: (before: FullIdentity) => FullIdentity,
): Promise<FullIdentity> {
  return refusingConflicts(() =>
    deps.transaction(async ({ identities }) => {
      const written = await identities.apply({
        identityId: id,
        changes: [override(id).rewrite(change)],
        guard: {},
        rules: changeRules(deps),
        nowMs: deps.clock.nowMs(),
        act,
        isAdministration: true,
      });
      if (written.kind === 'gone') throw notFound();
      invariant(written.kind === 'written', 'nothing stands in the way of an administrator');
      return written.after;
    }),
  );
}
