// Identities with what belongs to them, page by page in the order of their ids.
import type { Row } from '../database/database.ts';
import { textOf } from '../database/database.ts';
import { marks, type Source } from './network.ts';
import { textAt } from './values.ts';

/** The rows of one person. */
export interface KratosPerson {
  readonly identity: Row;
  readonly credentials: readonly { readonly row: Row; readonly identifiers: readonly string[] }[];
  readonly verifiable: readonly Row[];
  readonly recovery: readonly Row[];
}

/** The people after an id, at most `limit`; the next page begins after the last of them. */
export function peopleAfter(
  source: Source,
  afterId: string,
  limit: number,
): Promise<readonly KratosPerson[]> {
  return source.database.snapshot(async () => {
    const identities = await source.database.rows(
      `select ${identityColumns(source)} from identities where nid = ? and id > ? order by id limit ${limit}`,
      [source.networkId, afterId],
    );
    return withParts(source, identities);
  });
}

/** The people with these ids that are still there. */
export function peopleById(source: Source, ids: readonly string[]): Promise<readonly KratosPerson[]> {
  return source.database.snapshot(async () => {
    const identities = await source.database.rows(
      `select ${identityColumns(source)} from identities where nid = ? and id in (${marks(ids)}) order by id`,
      [source.networkId, ...ids],
    );
    return withParts(source, identities);
  });
}

/** Those of the ids that are still there. */
export async function idsStillThere(source: Source, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await source.database.rows(
    `select id from identities where nid = ? and id in (${marks(ids)})`,
    [source.networkId, ...ids],
  );
  return new Set(rows.map((row) => textAt(row, 'id')));
}

export async function countPeople({ database, networkId }: Source): Promise<number> {
  const [row] = await database.rows('select count(*) as total from identities where nid = ?', [networkId]);
  return Number(row?.['total'] ?? 0);
}

function identityColumns({ database: { kind }, has }: Source): string {
  return [
    'id, schema_id, state, state_changed_at, created_at, updated_at',
    ...['traits', 'metadata_public', 'metadata_admin'].map((name) => `${textOf(kind, name)} as ${name}`),
    has.externalIds ? 'external_id' : 'null as external_id',
    has.organizations ? 'organization_id' : 'null as organization_id',
  ].join(', ');
}

async function withParts(source: Source, identities: readonly Row[]): Promise<readonly KratosPerson[]> {
  if (identities.length === 0) return [];
  const { database, networkId } = source;
  const ids = identities.map((row) => textAt(row, 'id'));
  const of = [networkId, ...ids];
  const within = `nid = ? and identity_id in (${marks(ids)})`;
  const credentials = await database.rows(
    `select c.id, c.identity_id, t.name as type, ${textOf(database.kind, 'c.config')} as config, c.version, c.created_at,
      c.updated_at from identity_credentials c join identity_credential_types t on t.id = c.identity_credential_type_id
      where c.${within} order by t.name`,
    of,
  );
  const identifiers = await database.rows(
    `select i.identity_credential_id as credential_id, i.identifier from identity_credential_identifiers i
      join identity_credentials c on c.id = i.identity_credential_id where c.nid = ? and c.identity_id in (${marks(ids)})
      order by i.created_at, i.identifier`,
    of,
  );
  const addresses = (table: string, columns: string) =>
    database.rows(
      `select id, identity_id, via, value, created_at, updated_at ${columns} from ${table} where ${within} order by created_at, id`,
      of,
    );
  const verifiable = groupBy(
    await addresses('identity_verifiable_addresses', ', verified, status, verified_at'),
    'identity_id',
  );
  const recovery = groupBy(await addresses('identity_recovery_addresses', ''), 'identity_id');
  const [credentialsOf, identifiersOf] = [
    groupBy(credentials, 'identity_id'),
    groupBy(identifiers, 'credential_id'),
  ];
  return identities.map((identity) => {
    const id = textAt(identity, 'id');
    return {
      identity,
      credentials: (credentialsOf.get(id) ?? []).map((row) => ({
        row,
        identifiers: (identifiersOf.get(textAt(row, 'id')) ?? []).map((held) => textAt(held, 'identifier')),
      })),
      verifiable: verifiable.get(id) ?? [],
      recovery: recovery.get(id) ?? [],
    };
  });
}

export function groupBy(rows: readonly Row[], column: string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = textAt(row, column);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
