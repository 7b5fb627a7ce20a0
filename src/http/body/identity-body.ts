// Bodies that hold an identity -> what the domain works with (docs/protocol/http.md 5.1).
import type { Static } from 'typebox';
import type { IdentityDraft } from '../../identity/admin/create.ts';
import type { GivenAddress, GivenRecoveryAddress } from '../../identity/admin/given-addresses.ts';
import type { GivenCredential } from '../../identity/admin/import.ts';
import type { PatchedFields } from '../../identity/admin/patch.ts';
import type { Replacement } from '../../identity/admin/update.ts';
import { createBreaks } from '../../lib/breaks.ts';
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
/** Any text: an address that does not follow from the traits is left out, whatever is said about it. */
const via = Type.String();
const time = Type.Optional(Type.String({ format: 'date-time' }));

const verifiableAddress = Type.Object({
  id: Type.Optional(Type.String()),
  value: Type.String(),
  via,
  verified: Type.Optional(Type.Boolean()),
  status: Type.Optional(oneOf('pending', 'sent', 'completed', '')),
  verified_at: time,
  created_at: time,
  updated_at: Type.Optional(Type.String()),
});

const recoveryAddress = Type.Object({
  id: Type.Optional(Type.String()),
  value: Type.String(),
  via,
  created_at: time,
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
    addresses: {
      verifiable: (read.verifiable_addresses ?? []).map(toGivenAddress),
      recovery: (read.recovery_addresses ?? []).map(toGivenRecovery),
    },
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

export async function toBatch(body: Json): Promise<readonly BatchEntry[]> {
  const { identities = [] } = shaped(body, batchBody, 'refused');
  const breaks = createBreaks();
  const entries: BatchEntry[] = [];
  for (const [index, entry] of identities.entries()) {
    const patchId = parseUuid(entry?.patch_id);
    if (entry?.patch_id && !patchId) throw badRequest(`identities.${index}.patch_id: Must be a UUID.`);
    entries.push({ draft: entry?.create && toDraft(entry.create), patchId });
    await breaks.take();
  }
  return entries;
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
  const verifiedAtMs = timeOf(read.verified_at);
  return {
    ...toGivenRecovery(read),
    verified: read.verified ?? false,
    ...(read.status ? { status: read.status } : {}),
    ...(verifiedAtMs === undefined ? {} : { verifiedAtMs }),
  };
}

function toGivenRecovery(read: Static<typeof recoveryAddress>): GivenRecoveryAddress {
  const createdAtMs = timeOf(read.created_at);
  return { value: read.value, via: read.via, ...(createdAtMs === undefined ? {} : { createdAtMs }) };
}

/** Programs in Go write the year 1 for a time that they do not have. */
function timeOf(text: string | undefined): number | undefined {
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(timeMs) || timeMs <= YEAR_ONE_MS ? undefined : timeMs;
}

const YEAR_ONE_MS = Date.parse('0001-12-31T23:59:59Z');

function organizationOf(given: string | undefined): string | undefined {
  const id = parseUuid(given);
  if (given && !id) throw badRequest('organization_id: Must be a UUID.');
  return id;
}
