// Identities for administrators: create, read, replace, patch and delete (docs/protocol/http.md 5.1).

import { type Act, administratorAct } from '../../../event/administrator.ts';
import type { AdministrationDeps } from '../../../identity/admin/administration.ts';
import { type BatchResult, createMany } from '../../../identity/admin/batch.ts';
import { createIdentity } from '../../../identity/admin/create.ts';
import { patchIdentity } from '../../../identity/admin/patch.ts';
import { deleteIdentity, removeCredential } from '../../../identity/admin/remove.ts';
import { replaceIdentity } from '../../../identity/admin/update.ts';
import type { FullIdentity } from '../../../identity/identity.ts';
import { fullIdentityText, fullIdentityToJson } from '../../../identity/view.ts';
import { type IdentityId, parseUuid, ZERO_UUID } from '../../../lib/ids.ts';
import type { JsonObject } from '../../../lib/json.ts';
import type { ApiError } from '../../../protocol/api-error.ts';
import { badRequest, notFound } from '../../../protocol/refusals.ts';
import { toBatch, toDraft, toPatchedFields, toReplacement } from '../../body/identity-body.ts';
import { readJson } from '../../body/json-body.ts';
import { emptyAnswer, type HttpAnswer, jsonAnswer, jsonTextAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';
import { type IdentityListDeps, listIdentities, readIncluded } from './identity-list.ts';

export interface AdminIdentityDeps extends IdentityListDeps {
  readonly administration: AdministrationDeps;
  /** Base address of the admin port, ending in a slash. */
  readonly adminUrl: string;
}

export function adminIdentityRoutes(deps: AdminIdentityDeps): readonly Route[] {
  const all = '/admin/identities';
  const one = `${all}/{id}`;
  return [
    { method: 'GET', path: all, handle: (context) => listIdentities(deps, context) },
    { method: 'POST', path: all, handle: (context) => create(deps, context) },
    { method: 'PATCH', path: all, handle: (context) => createBatch(deps, context) },
    { method: 'GET', path: one, handle: (context) => read(deps, context) },
    { method: 'PUT', path: one, handle: (context) => replace(deps, context) },
    { method: 'PATCH', path: one, handle: (context) => patch(deps, context) },
    { method: 'DELETE', path: one, handle: (context) => remove(deps, context) },
    {
      method: 'GET',
      path: `${all}/by/external/{externalID}`,
      handle: (context) => readByExternalId(deps, context),
    },
    {
      method: 'DELETE',
      path: `${one}/credentials/{type}`,
      handle: (context) => removeOneCredential(deps, context),
    },
  ];
}

const actOf = ({ administration }: AdminIdentityDeps, context: HttpContext): Act =>
  administratorAct(administration.clock, context);

/** What is no UUID is the id of nobody (docs/protocol/http.md section 1). */
function idOf(context: HttpContext): IdentityId {
  return parseUuid<IdentityId>(context.params['id']) ?? (ZERO_UUID as IdentityId); // the zero id is an id
}

async function create(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const draft = toDraft(await readJson(context));
  const identity = await createIdentity(deps.administration, draft, actOf(deps, context));
  return jsonAnswer(201, written(deps, identity, draft), {
    Location: `${deps.adminUrl}identities/${identity.id}`,
  });
}

async function read(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const included = readIncluded(deps, context.query);
  if (included.length > 0) return shown(deps, await deps.identities.findFull(idOf(context)), included);
  const identity = await deps.identities.showOne(idOf(context));
  if (!identity) throw notFound();
  const credentials = { of: identity.credentials, includeConfigOf: [] };
  return jsonTextAnswer(200, fullIdentityText(identity, deps, credentials));
}

async function readByExternalId(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const included = readIncluded(deps, context.query);
  const externalId = context.params['externalID'] ?? '';
  return shown(deps, await deps.identities.findFullByExternalId(externalId), included);
}

function shown(
  { publicUrl, showConfig }: AdminIdentityDeps,
  identity: FullIdentity | undefined,
  included: readonly string[],
): HttpAnswer {
  if (!identity) throw notFound();
  return jsonAnswer(200, fullIdentityToJson(identity, { publicUrl, showConfig }, included));
}

async function replace(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const replacement = toReplacement(await readJson(context, 'json'));
  const identity = await replaceIdentity(
    deps.administration,
    idOf(context),
    replacement,
    actOf(deps, context),
  );
  return jsonAnswer(200, written(deps, identity, replacement));
}

/** The answer to a body that held an identity: of `metadata_admin` and `region` only what was set in it. */
function written(
  { publicUrl }: AdminIdentityDeps,
  identity: FullIdentity,
  { region }: { readonly region?: string },
): JsonObject {
  const { metadata_admin, ...json } = fullIdentityToJson(identity, { publicUrl }, []);
  return {
    ...json,
    ...(metadata_admin === null ? {} : { metadata_admin }),
    ...(region ? { region } : {}),
  };
}

async function patch(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const request = { patch: await readJson(context), read: toPatchedFields };
  const identity = await patchIdentity(deps.administration, idOf(context), request, actOf(deps, context));
  return shown(deps, identity, []);
}

async function remove(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  await deleteIdentity(deps.administration, idOf(context), actOf(deps, context));
  return emptyAnswer;
}

async function removeOneCredential(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const type = context.params['type'] ?? '';
  const identifier = context.query.get('identifier') || undefined;
  await removeCredential(deps.administration, idOf(context), { type, identifier }, actOf(deps, context));
  return emptyAnswer;
}

async function createBatch(deps: AdminIdentityDeps, context: HttpContext): Promise<HttpAnswer> {
  const entries = await toBatch(await readJson(context));
  const patchIds = entries.flatMap(({ patchId }) => (patchId ? [patchId] : []));
  if (new Set(patchIds).size !== patchIds.length) throw badRequest('Two entries have the same patch_id.');
  const drafts = entries.map(({ draft }) => draft);
  const results = await createMany(deps.administration, drafts, actOf(deps, context));
  return jsonAnswer(200, {
    identities: results.map((result, index) => resultToJson(result, entries[index]?.patchId)),
  });
}

function resultToJson(result: BatchResult, patchId: string | undefined): JsonObject | null {
  const named = patchId === undefined ? {} : { patch_id: patchId };
  switch (result.kind) {
    case 'created':
      return { action: 'create', identity: result.identity.id, ...named };
    case 'failed':
      return { action: 'error', ...named, error: errorOf(result.error) };
    case 'nothing':
      return null;
    default:
      return result satisfies never;
  }
}

const errorOf = (error: ApiError) => error.toEnvelope()['error'] ?? null;
