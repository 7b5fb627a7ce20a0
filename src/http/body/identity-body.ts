// Bodies that hold an identity -> what the domain works with (docs/protocol/http.md 5.1).
import type { Static } from 'typebox';
import type { IdentityDraft } from '../../identity/admin/create.ts';
import type { GivenAddress } from '../../identity/admin/given-addresses.ts';
import type { GivenCredential } from '../../identity/admin/import.ts';
import type { PatchedFields } from '../../identity/admin/patch.ts';
import type { Replacement } from '../../identity/admin/update.ts';
import { parseUuid } from '../../lib/ids.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { Type } from '../../schema/typebox.ts';
import { shaped } from './json-body.ts';

/** It is part of a unique index, and PostgreSQL takes no more than 2,704 bytes there. */
const EXTERNAL_ID_LIMIT = 512;

const oneOf = <const T extends string>(...values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: values });
// Typed apart from the schema, which allows whatever JSON can say.
const anyValue = Type.Unsafe<Json>({});
const anyObject = Type.Unsafe<JsonObject>({ type: 'object' });
const via = oneOf('email', 'sms');

const verifiableAddress = Type.Object({
  id: Type.Optional(Type.String()),
  value: Type.String(),
  via,
  verified: Type.Optional(Type.Boolean()),
  status: Type.Optional(oneOf('pending', 'sent', 'completed', '')),
  verified_at: Type.Optional(Type.String({ format: 'date-time' })),
  created_at: Type.Optional(Type.String()),
  updated_at: Type.Optional(Type.String()),
});

const recoveryAddress = Type.Object({
  id: Type.Optional(Type.String()),
  value: Type.String(),
  via,
  created_at: Type.Optional(Type.String()),
  updated_at: Type.Optional(Type.String()),
});

const fields = {
  schema_id: Type.Optional(Type.String()),
  traits: Type.Optional(anyObject),
  credentials: Type.Optional(
    Type.Record(Type.String(), Type.Object({ config: Type.Optional(anyObject) }), {
      description: 'By type: what the method of that name imports.',
    }),
  ),
  metadata_public: Type.Optional(anyValue),
  metadata_admin: Type.Optional(anyValue),
  state: Type.Optional(oneOf('active', 'inactive', '')),
  external_id: Type.Optional(Type.String({ maxLength: EXTERNAL_ID_LIMIT })),
  region: Type.Optional(
    oneOf('eu-central', 'asia-northeast', 'us-east', 'us-west', 'eu', 'asia', 'us', 'global', ''),
  ),
};

export const createBody = Type.Object({
  ...fields,
  organization_id: Type.Optional(Type.String()),
  verifiable_addresses: Type.Optional(Type.Array(verifiableAddress)),
  recovery_addresses: Type.Optional(Type.Array(recoveryAddress)),
});

export const updateBody = Type.Object(fields);

export const batchBody = Type.Object({
  identities: Type.Optional(
    Type.Array(
      Type.Unsafe<{ readonly create?: JsonObject; readonly patch_id?: string } | null>({
        type: ['object', 'null'],
        properties: { create: { type: 'object' }, patch_id: { type: 'string' } },
      }),
    ),
  ),
});

/** What remains of an identity's document after a patch; its other members were not changed. */
const patchedBody = Type.Object({
  schema_id: Type.String(),
  traits: anyObject,
  state: oneOf('active', 'inactive'),
  metadata_public: Type.Optional(anyValue),
  metadata_admin: Type.Optional(anyValue),
  external_id: fields.external_id,
  organization_id: Type.Optional(Type.String()),
  verifiable_addresses: Type.Optional(Type.Array(verifiableAddress)),
  recovery_addresses: Type.Optional(Type.Array(recoveryAddress)),
});

export function toDraft(body: Json): IdentityDraft & { readonly region?: string } {
  const read = shaped(body, createBody, 'refused');
  const organizationId = organizationOf(read.organization_id);
  return {
    ...common(read),
    verifiableAddresses: (read.verifiable_addresses ?? []).map(toGivenAddress),
    ...(organizationId ? { organizationId } : {}),
  };
}

export function toReplacement(body: Json): Replacement & { readonly region?: string } {
  return common(shaped(body, updateBody, 'ignored'));
}

export function toPatchedFields(document: JsonObject): PatchedFields {
  const read = shaped(document, patchedBody, 'ignored');
  const organizationId = organizationOf(read.organization_id);
  return {
    schemaId: read.schema_id,
    traits: read.traits,
    state: read.state,
    metadataPublic: read.metadata_public ?? null,
    metadataAdmin: read.metadata_admin ?? null,
    ...(read.external_id ? { externalId: read.external_id } : {}),
    ...(organizationId ? { organizationId } : {}),
    verifiableAddresses: (read.verifiable_addresses ?? []).map(toGivenAddress),
  };
}

export interface BatchEntry {
  readonly draft: IdentityDraft | undefined;
  readonly patchId: string | undefined;
}

export function toBatch(body: Json): readonly BatchEntry[] {
  const { identities = [] } = shaped(body, batchBody, 'refused');
  return identities.map((entry, index) => {
    const patchId = parseUuid(entry?.patch_id);
    if (entry?.patch_id && !patchId) throw badRequest(`identities.${index}.patch_id: This should be a UUID.`);
    return { draft: entry?.create && toDraft(entry.create), patchId };
  });
}

function common(read: Static<typeof updateBody>) {
  return {
    traits: read.traits ?? {},
    credentials: toGivenCredentials(read.credentials ?? {}),
    metadataPublic: read.metadata_public ?? null,
    metadataAdmin: read.metadata_admin ?? null,
    ...(read.schema_id ? { schemaId: read.schema_id } : {}),
    ...(read.state ? { state: read.state } : {}),
    ...(read.external_id ? { externalId: read.external_id } : {}),
    ...(read.region ? { region: read.region } : {}),
  };
}

function toGivenCredentials(
  credentials: Readonly<Record<string, { readonly config?: JsonObject }>>,
): readonly GivenCredential[] {
  return Object.entries(credentials).map(([type, { config = {} }]) => ({ type, config }));
}

function toGivenAddress(read: Static<typeof verifiableAddress>): GivenAddress {
  const verifiedAtMs = read.verified_at === undefined ? undefined : Date.parse(read.verified_at);
  return {
    value: read.value,
    via: read.via,
    verified: read.verified ?? false,
    ...(read.status ? { status: read.status } : {}),
    ...(verifiedAtMs === undefined ? {} : { verifiedAtMs }),
  };
}

function organizationOf(given: string | undefined): string | undefined {
  const id = parseUuid(given);
  if (given && !id) throw badRequest('organization_id: This should be a UUID.');
  return id;
}
