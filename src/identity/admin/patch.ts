// A JSON Patch on an identity as administrators see it: which paths may be changed, and what the result means.

import type { Act } from '../../event/administrator.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { applyPatch, type PatchOperation, parsePatch } from '../../lib/json-patch.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { type CredentialDraft, changeIdentity } from '../assemble.ts';
import type { FullIdentity, IdentityState } from '../identity.ts';
import { fullIdentityToJson } from '../view.ts';
import {
  type AdministrationDeps,
  type CredentialRules,
  ownIdentifierTypes,
  requireSchema,
  requireValid,
  showConfig,
} from './administration.ts';
import { type GivenAddress, withGiven } from './given-addresses.ts';
import { changeStored } from './update.ts';

/** The fields of a patched document, read and checked; from the layer that knows the form of bodies. */
export interface PatchedFields {
  readonly schemaId: string;
  readonly traits: JsonObject;
  readonly state: IdentityState;
  readonly metadataPublic: Json;
  readonly metadataAdmin: Json;
  readonly externalId?: string;
  readonly organizationId?: string;
  readonly verifiableAddresses: readonly GivenAddress[];
}

export interface PatchRequest {
  readonly patch: Json;
  /** Throws 400 where the patched document is no identity any more. */
  readonly read: (document: JsonObject) => PatchedFields;
}

/** Throws 404, 400 where the patch or its result cannot be taken, 409 where somebody else holds what it claims. */
export function patchIdentity(
  deps: AdministrationDeps,
  id: IdentityId,
  request: PatchRequest,
  act: Act,
): Promise<FullIdentity> {
  const operations = parsePatch(request.patch);
  if (!operations.ok) throw badRequest(operations.reason);
  for (const operation of operations.value) refuseProtected(deps.credentialRules, operation);
  return changeStored(deps, id, act, (before) =>
    patched(deps, before, { operations: operations.value, read: request.read }),
  );
}

const CHANGEABLE: ReadonlySet<string> = new Set([
  'schema_id',
  'state',
  'traits',
  'metadata_public',
  'metadata_admin',
  'external_id',
  'organization_id',
  'verifiable_addresses',
  'recovery_addresses',
  'credentials',
]);

function refuseProtected(rules: readonly CredentialRules[], { path }: PatchOperation): void {
  const [field = '', type, part] = path;
  if (!CHANGEABLE.has(field)) throw badRequest(`The path "/${field}" cannot be changed by a patch.`);
  if (field !== 'credentials') return;
  if (type === undefined) throw badRequest('The path "/credentials" cannot be changed as a whole.');
  const rule = rules.find((known) => known.name === type);
  if (!rule || rule.isPatchRefused) {
    throw badRequest(`The path "/credentials/${type}" cannot be changed by a patch.`);
  }
  const isOwn = part === undefined || part === 'config' || (part === 'identifiers' && rule.ownsIdentifiers);
  if (!isOwn) throw badRequest(`The path "/credentials/${type}/${part}" follows from other fields.`);
}

interface Patching {
  readonly operations: readonly PatchOperation[];
  readonly read: PatchRequest['read'];
}

function patched(deps: AdministrationDeps, before: FullIdentity, of: Patching): FullIdentity {
  // Only the fields of this form are read back, so the address of the schema does not matter.
  const view = { publicUrl: '', showConfig: showConfig(deps.credentialRules) };
  const document = fullIdentityToJson(before, view, Object.keys(before.credentials));
  const result = applyPatch(document, of.operations);
  if (!result.ok) throw badRequest(result.reason);
  const fields = of.read(result.value);
  const { kept, drafts } = patchedCredentials(
    deps.credentialRules,
    document['credentials'],
    result.value['credentials'],
  );
  const sealed = drafts.map((draft) => {
    const rule = deps.credentialRules.find(({ name }) => name === draft.type);
    return rule ? { ...draft, config: rule.keep(draft.config) } : draft;
  });
  const nowMs = deps.clock.nowMs();
  const credentials = Object.fromEntries(
    Object.entries(before.credentials).filter(([type]) => kept.has(type)),
  );
  const after = changeIdentity(
    { ...before, credentials },
    {
      traits: requireValid(requireSchema(deps, fields.schemaId), fields.traits),
      credentials: sealed,
      state: fields.state,
      metadataPublic: fields.metadataPublic,
      metadataAdmin: fields.metadataAdmin,
      externalId: fields.externalId ?? null,
      organizationId: fields.organizationId ?? null,
      nowMs,
      ownIdentifiers: ownIdentifierTypes(deps.credentialRules),
    },
  );
  const verifiableAddresses = withGiven(after.verifiableAddresses, fields.verifiableAddresses, nowMs);
  return { ...after, verifiableAddresses };
}

/** The credentials that differ from before, and the types that are still there. */
function patchedCredentials(
  rules: readonly CredentialRules[],
  before: Json | undefined,
  after: Json | undefined,
) {
  if (!isJsonObject(after)) throw badRequest('credentials: Must be an object.');
  const drafts: CredentialDraft[] = [];
  for (const [type, credential] of Object.entries(after)) {
    const old = isJsonObject(before) ? before[type] : undefined;
    if (JSON.stringify(old) === JSON.stringify(credential)) continue;
    const draft = toDraft(type, credential);
    const isSame = isJsonObject(old) && JSON.stringify(old['config']) === JSON.stringify(draft.config);
    const fault = isSame ? undefined : rules.find(({ name }) => name === type)?.patchFault?.(draft.config);
    if (fault !== undefined) throw badRequest(`credentials.${type}.config: ${fault}`);
    drafts.push(draft);
  }
  return { kept: new Set(Object.keys(after)), drafts };
}

function toDraft(type: string, credential: Json | undefined): CredentialDraft {
  const place = `credentials.${type}`;
  if (!isJsonObject(credential)) throw badRequest(`${place}: Must be an object.`);
  const { type: named, config, identifiers, version } = credential;
  if (named !== type) throw badRequest(`${place}.type: Must be "${type}".`);
  if (!isJsonObject(config)) throw badRequest(`${place}.config: Must be an object.`);
  const names: readonly Json[] | undefined = Array.isArray(identifiers) ? identifiers : undefined;
  if (identifiers !== undefined && !names?.every((name) => typeof name === 'string')) {
    throw badRequest(`${place}.identifiers: Must be a list of strings.`);
  }
  if (version !== undefined && !isVersion(version)) {
    throw badRequest(`${place}.version: Must be a small integer.`);
  }
  return {
    type,
    config,
    ...(names ? { identifiers: names.map(String) } : {}),
    ...(version === undefined ? {} : { version }),
  };
}

const isVersion = (value: Json): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1_000;
