// The identity schemas that a configuration names, loaded from wherever they are.
import type { Clock } from '../lib/clock.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { readSource } from '../outbound/source.ts';
import { createSchemaRegistry, type SchemaRegistry } from '../schema/load.ts';
import type { Config } from './schema.ts';

export function openSchemas(
  { identity, security }: Config,
  of: { readonly clock: Clock; readonly outbound: Outbound },
): Promise<SchemaRegistry> {
  const read = (url: string): Promise<string> =>
    readSource(url, (address) => of.outbound.request(address, { redirects: 3, retries: 2 }));
  return createSchemaRegistry({
    schemas: identity.schemas.map(({ id, url, selfservice_selectable }) => ({
      id,
      url,
      isSelectable: selfservice_selectable,
    })),
    defaultId: identity.default_schema_id,
    readSource: read,
    ...(security.disallow_ref_in_identity_schemas ? {} : { readReference: read }),
    clock: of.clock,
  });
}
