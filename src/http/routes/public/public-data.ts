// What anybody may read: identity schemas, stored errors, and where passwords are changed.

import type { Database } from '../../../flow/store.ts';
import { toRfc3339 } from '../../../lib/clock.ts';
import { newUuid, parseUuid } from '../../../lib/ids.ts';
import type { Json } from '../../../lib/json.ts';
import { ApiError } from '../../../protocol/api-error.ts';
import { notFound } from '../../../protocol/refusals.ts';
import type { IdentitySchema, SchemaRegistry, SchemaSource } from '../../../schema/load.ts';
import { offsetHeaders, readOffsetPage } from '../../paging/offset-pages.ts';
import { type HttpAnswer, jsonAnswer, redirectAnswer } from '../../port/answer.ts';
import type { HttpContext } from '../../port/context.ts';
import type { Route } from '../../port/route.ts';

export interface PublicDataDeps {
  readonly schemas: SchemaRegistry;
  readonly database: Database;
  /** Page on which people change their settings. */
  readonly settingsUrl: string;
}

export function publicDataRoutes(deps: PublicDataDeps): readonly Route[] {
  const listed = (path: string): Route => ({
    method: 'GET',
    path,
    bucket: 'medium',
    handle: (context) => listSchemas(deps, context),
  });
  const single = (path: string): Route => ({
    method: 'GET',
    path,
    bucket: 'medium',
    handle: (context) => oneSchema(deps, context.params['id'] ?? ''),
  });
  return [
    listed('/schemas'),
    listed('/admin/schemas'),
    single('/schemas/{id}'),
    single('/admin/schemas/{id}'),
    {
      method: 'GET',
      path: '/self-service/errors',
      bucket: 'high',
      handle: (context) => storedError(deps, context),
    },
    {
      method: 'GET',
      path: '/.well-known/change-password',
      bucket: 'high',
      handle: (context) => Promise.resolve(redirectAnswer(303, deps.settingsUrl, context.method)),
    },
  ];
}

async function listSchemas({ schemas }: PublicDataDeps, context: HttpContext): Promise<HttpAnswer> {
  const page = readOffsetPage(context.query);
  const shown: { id: string; schema: Json }[] = [];
  for (const source of schemas.sources.slice(page.offset, page.offset + page.size)) {
    const schema = await schemas.load(source.id);
    if (schema) shown.push({ id: schema.id, schema: parsed(schema) });
  }
  return jsonAnswer(
    200,
    shown,
    offsetHeaders({ path: context.path, query: new URLSearchParams() }, page, schemas.sources.length),
  );
}

/** By id, or by the id in base64url as `schema_url` has it. */
async function oneSchema({ schemas }: PublicDataDeps, wanted: string): Promise<HttpAnswer> {
  const source = sourceOf(schemas, wanted);
  const schema = source && (await schemas.load(source.id));
  if (!schema) throw notFound(`There is no identity schema "${wanted}".`);
  return jsonAnswer(200, parsed(schema));
}

function sourceOf({ sources }: SchemaRegistry, wanted: string): SchemaSource | undefined {
  const decoded = Buffer.from(wanted, 'base64url').toString('utf8');
  return sources.find(({ id }) => id === wanted) ?? sources.find(({ id }) => id === decoded);
}

// It was parsed when it was loaded, so it is JSON.
const parsed = (schema: IdentitySchema): Json => JSON.parse(schema.raw) as Json;

/** Zero time of the sample error (docs/protocol/http.md section 6). */
const NO_TIME = '0001-01-01T00:00:00Z';

async function storedError({ database }: PublicDataDeps, { query }: HttpContext): Promise<HttpAnswer> {
  const wanted = query.get('error') || query.get('id');
  if (wanted === 'stub:500') {
    const sample = new ApiError({ status: 500, reason: 'This is a sample for building an error page.' });
    const { error } = sample.toEnvelope();
    return jsonAnswer(200, {
      id: newUuid(),
      error: error ?? null,
      created_at: NO_TIME,
      updated_at: NO_TIME,
    });
  }
  const id = parseUuid(wanted);
  const found = id && (await database.stores.errors.find(id));
  if (!found) throw notFound();
  const at = toRfc3339(found.createdAtMs);
  return jsonAnswer(200, { id: found.id, error: found.error, created_at: at, updated_at: at });
}
