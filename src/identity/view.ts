// An identity as JSON, and what each kind of reader may see of it (docs/protocol/http.md section 11).
import { toRfc3339 } from '../lib/clock.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import type { Credential, FullIdentity, Identity, RecoveryAddress, VerifiableAddress } from './identity.ts';
import { asShown, type ShownIdentity } from './shown.ts';

export interface IdentityView {
  /** Public base address, ending in a slash; schemas are read below it. */
  readonly publicUrl: string;
  /** The config of a credential as it is shown; absent: as it is stored. */
  readonly showConfig?: (credential: Credential) => JsonObject;
}

/** What the person and their applications see: never credentials, never the administrators' metadata. */
export function identityToJson(identity: Identity, view: IdentityView): JsonObject {
  return parsed(identityText(asShown(identity), view));
}

/** The same as the text that is sent. */
export function identityText(identity: ShownIdentity, view: IdentityView): string {
  return textOf(identity, view, {});
}

/** The person inside a list of their sessions: as recorded, without addresses and without the schema's address. */
export function identityToListJson(identity: Identity, view: IdentityView): JsonObject {
  const bare = { ...identity, verifiableAddresses: [], recoveryAddresses: [] };
  return { ...identityToJson(bare, view), schema_url: '' };
}

/** What administrators see, without credentials. */
export function identityToAdminJson(identity: Identity, view: IdentityView): JsonObject {
  return parsed(identityAdminText(asShown(identity), view));
}

/** The same as the text that is sent. */
export function identityAdminText(identity: ShownIdentity, view: IdentityView): string {
  return textOf(identity, view, { showsAdminMetadata: true });
}

/** What administrators see with credentials; a credential's config only for the types that were asked for. */
export function fullIdentityToJson(
  identity: FullIdentity,
  view: IdentityView,
  includeConfigOf: readonly string[],
): JsonObject {
  return parsed(fullIdentityText(asShown(identity), view, { of: identity.credentials, includeConfigOf }));
}

/** The same as the text that is sent. A credential whose config is not shown needs none. */
export function fullIdentityText(
  identity: ShownIdentity,
  view: IdentityView,
  credentials: {
    readonly of: Readonly<Record<string, Credential>>;
    readonly includeConfigOf: readonly string[];
  },
): string {
  const shown: Record<string, Json> = {};
  for (const type of Object.keys(credentials.of).sort()) {
    const credential = credentials.of[type];
    const withConfig = credentials.includeConfigOf.includes(type);
    if (credential) shown[type] = credentialToJson(credential, view, withConfig);
  }
  return textOf(identity, view, { showsAdminMetadata: true, credentials: JSON.stringify(shown) });
}

/** Whoever needs an object gets it from the text: there is one writer. */
const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject; // textOf writes an object

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

/** The one place that writes an identity. */
function textOf(
  identity: ShownIdentity,
  view: IdentityView,
  extra: { readonly showsAdminMetadata?: true; readonly credentials?: string },
): string {
  const { externalId, organizationId } = identity;
  return `{"id":${JSON.stringify(identity.id)}${
    externalId === undefined ? '' : `,"external_id":${JSON.stringify(externalId)}`
  }${extra.credentials === undefined ? '' : `,"credentials":${extra.credentials}`},"schema_id":${JSON.stringify(
    identity.schemaId,
  )},"schema_url":${JSON.stringify(schemaUrl(identity.schemaId, view))},"state":"${
    identity.state
  }","state_changed_at":"${toRfc3339(identity.stateChangedAtMs)}","traits":${identity.traits}${listText(
    'verifiable_addresses',
    identity.verifiableAddresses,
    verifiableText,
  )}${listText('recovery_addresses', identity.recoveryAddresses, recoveryText)},"metadata_public":${
    identity.metadataPublic
  }${extra.showsAdminMetadata ? `,"metadata_admin":${identity.metadataAdmin}` : ''},"created_at":"${toRfc3339(
    identity.createdAtMs,
  )}","updated_at":"${toRfc3339(identity.updatedAtMs)}","organization_id":${JSON.stringify(organizationId)}}`;
}

const schemaUrl = (schemaId: string, { publicUrl }: IdentityView): string =>
  `${publicUrl}schemas/${Buffer.from(schemaId).toString('base64url')}`;

/** A list that is empty is not shown. */
function listText<T>(name: string, items: readonly T[], itemText: (item: T) => string): string {
  return items.length === 0 ? '' : `,"${name}":[${items.map(itemText).join(',')}]`;
}

const verifiableText = (address: VerifiableAddress): string =>
  `{"id":${JSON.stringify(address.id)},"value":${JSON.stringify(address.value)},"verified":${address.verified},"via":${JSON.stringify(
    address.via,
  )},"status":${JSON.stringify(address.status)}${
    address.verifiedAtMs === undefined ? '' : `,"verified_at":"${toRfc3339(address.verifiedAtMs)}"`
  },${timesText(address)}}`;

const recoveryText = (address: RecoveryAddress): string =>
  `{"id":${JSON.stringify(address.id)},"value":${JSON.stringify(address.value)},"via":${JSON.stringify(
    address.via,
  )},${timesText(address)}}`;

const timesText = (of: { readonly createdAtMs: number; readonly updatedAtMs: number }): string =>
  `"created_at":"${toRfc3339(of.createdAtMs)}","updated_at":"${toRfc3339(of.updatedAtMs)}"`;
