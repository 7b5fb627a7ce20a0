// An identity as JSON, and what each kind of reader may see of it (docs/protocol/http.md section 11).
import { toRfc3339 } from '../lib/clock.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import type { Credential, FullIdentity, Identity } from './identity.ts';

export interface IdentityView {
  /** Public base address, ending in a slash; schemas are read below it. */
  readonly publicUrl: string;
  /** The config of a credential as it is shown; absent: as it is stored. */
  readonly showConfig?: (credential: Credential) => JsonObject;
}

/** What the person and their applications see: never credentials, never the administrators' metadata. */
export function identityToJson(identity: Identity, view: IdentityView): JsonObject {
  return shape(identity, view, {});
}

/** The person inside a list of their sessions: as recorded, without addresses and without the schema's address. */
export function identityToListJson(identity: Identity, view: IdentityView): JsonObject {
  const bare = { ...identity, verifiableAddresses: [], recoveryAddresses: [] };
  return { ...shape(bare, view, {}), schema_url: '' };
}

/** What administrators see, without credentials. */
export function identityToAdminJson(identity: Identity, view: IdentityView): JsonObject {
  return shape(identity, view, { metadataAdmin: true });
}

/** What administrators see with credentials; a credential's config only for the types that were asked for. */
export function fullIdentityToJson(
  identity: FullIdentity,
  view: IdentityView,
  includeConfigOf: readonly string[],
): JsonObject {
  const credentials: Record<string, Json> = {};
  for (const type of Object.keys(identity.credentials).sort()) {
    const credential = identity.credentials[type];
    if (credential) credentials[type] = credentialToJson(credential, view, includeConfigOf.includes(type));
  }
  return shape(identity, view, { metadataAdmin: true, credentials });
}

function credentialToJson(
  credential: Credential,
  { showConfig = ({ config }) => config }: IdentityView,
  withConfig: boolean,
): JsonObject {
  return {
    type: credential.type,
    // Their order has no meaning; sorted they are the same in every answer.
    identifiers: [...credential.identifiers].sort(),
    ...(withConfig ? { config: showConfig(credential) } : {}),
    version: credential.version,
    created_at: toRfc3339(credential.createdAtMs),
    updated_at: toRfc3339(credential.updatedAtMs),
  };
}

function shape(
  identity: Identity,
  view: IdentityView,
  extra: { readonly metadataAdmin?: true; readonly credentials?: JsonObject },
): JsonObject {
  const encodedSchemaId = Buffer.from(identity.schemaId).toString('base64url');
  return {
    id: identity.id,
    ...(identity.externalId === undefined ? {} : { external_id: identity.externalId }),
    ...(extra.credentials ? { credentials: extra.credentials } : {}),
    schema_id: identity.schemaId,
    schema_url: `${view.publicUrl}schemas/${encodedSchemaId}`,
    state: identity.state,
    state_changed_at: toRfc3339(identity.stateChangedAtMs),
    traits: identity.traits,
    ...(identity.verifiableAddresses.length === 0
      ? {}
      : {
          verifiable_addresses: identity.verifiableAddresses.map((address) => ({
            id: address.id,
            value: address.value,
            verified: address.verified,
            via: address.via,
            status: address.status,
            ...(address.verifiedAtMs === undefined ? {} : { verified_at: toRfc3339(address.verifiedAtMs) }),
            created_at: toRfc3339(address.createdAtMs),
            updated_at: toRfc3339(address.updatedAtMs),
          })),
        }),
    ...(identity.recoveryAddresses.length === 0
      ? {}
      : {
          recovery_addresses: identity.recoveryAddresses.map((address) => ({
            id: address.id,
            value: address.value,
            via: address.via,
            created_at: toRfc3339(address.createdAtMs),
            updated_at: toRfc3339(address.updatedAtMs),
          })),
        }),
    metadata_public: identity.metadataPublic,
    ...(extra.metadataAdmin ? { metadata_admin: identity.metadataAdmin } : {}),
    created_at: toRfc3339(identity.createdAtMs),
    updated_at: toRfc3339(identity.updatedAtMs),
    organization_id: identity.organizationId,
  };
}
