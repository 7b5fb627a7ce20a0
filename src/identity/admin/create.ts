// An identity as administrators hand it in -> checked, credentials imported, stored with its events.
import type { Act } from '../../event/administrator.ts';
import { type IdentityId, newIdentityId } from '../../lib/ids.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { assembleIdentity, type CredentialDraft } from '../assemble.ts';
import type { FullIdentity, IdentityState } from '../identity.ts';
import {
  type AdministrationDeps,
  ownIdentifierTypes,
  refusingConflicts,
  requireSchema,
  requireValid,
} from './administration.ts';
import { asGiven, type GivenAddresses } from './given-addresses.ts';
import { type GivenCredential, importCredentials } from './import.ts';

export interface IdentityDraft {
  /** Absent: the default schema. */
  readonly schemaId?: string;
  readonly traits: JsonObject;
  readonly credentials: readonly GivenCredential[];
  readonly state?: IdentityState;
  readonly metadataPublic: Json;
  readonly metadataAdmin: Json;
  readonly externalId?: string;
  readonly organizationId?: string;
  readonly addresses: GivenAddresses;
}

/** Throws 400 where the draft cannot become an identity, 409 where somebody else holds what it claims. */
export async function createIdentity(
  deps: AdministrationDeps,
  draft: IdentityDraft,
  act: Act,
): Promise<FullIdentity> {
  const identity = validDraft(deps, draft)(await importCredentialsOf(deps, draft));
  await refusingConflicts(
    () => storeNew(deps, identity, act),
    (reason) => ({ reason }),
  );
  return identity;
}

/** What has to be done outside of any transaction and whatever the traits are: importing, hashing. */
export async function importCredentialsOf(deps: AdministrationDeps, draft: IdentityDraft): Promise<Imported> {
  const identityId = newIdentityId();
  return { identityId, credentials: await importCredentials(deps, draft.credentials, { identityId }) };
}

export interface Imported {
  readonly identityId: IdentityId;
  readonly credentials: readonly CredentialDraft[];
}

/** Checks the traits at once; the identity follows when the credentials are there. */
export function validDraft(
  deps: AdministrationDeps,
  draft: IdentityDraft,
): (imported: Imported) => FullIdentity {
  const traits = requireValid(requireSchema(deps, draft.schemaId), draft.traits);
  return ({ identityId, credentials }) => {
    const nowMs = deps.clock.nowMs();
    const identity = assembleIdentity({
      id: identityId,
      traits,
      credentials,
      metadataPublic: draft.metadataPublic,
      metadataAdmin: draft.metadataAdmin,
      ...(draft.state ? { state: draft.state } : {}),
      ...(draft.externalId ? { externalId: draft.externalId } : {}),
      ...(draft.organizationId ? { organizationId: draft.organizationId } : {}),
      nowMs,
      ownIdentifiers: ownIdentifierTypes(deps.credentialRules),
    });
    return { ...identity, ...asGiven(identity, draft.addresses, nowMs) };
  };
}

/** Throws IdentityConflict. */
export function storeNew(deps: AdministrationDeps, identity: FullIdentity, act: Act): Promise<void> {
  const identityId = identity.id;
  return deps.transaction(async ({ identities, events }) => {
    await identities.insert(identity);
    await events.append(act({ kind: 'identity.created', identityId }));
    for (const { type, config } of Object.values(identity.credentials)) {
      if (Object.keys(config).length === 0) continue;
      const added = { kind: 'credential.added', identityId, method: type } as const;
      await events.append(act(added));
    }
  });
}
