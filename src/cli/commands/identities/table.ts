// Identities as a result: the columns that Kratos's commands have.
import { isJsonObject, type Json, type JsonObject } from '../../../lib/json.ts';
import type { Result } from '../../line/result.ts';

const COLUMNS = ['ID', 'EXTERNAL ID', 'VERIFIED ADDRESSES', 'RECOVERY ADDRESSES', 'SCHEMA ID', 'SCHEMA URL'];

/** One identity or several that were named. */
export function identitiesResult(identities: readonly JsonObject[]): Result {
  const [only] = identities;
  const isSingle = identities.length === 1;
  return {
    json: isSingle && only ? only : identities,
    // The columns of Kratos first: scripts count them.
    columns: [...COLUMNS, 'STATE', 'TRAITS'],
    rows: identities.map((identity) => [
      ...row(identity),
      textOf(identity['state']),
      JSON.stringify(identity['traits'] ?? {}),
    ]),
    ids: identities.map((identity) => textOf(identity['id'])),
    isSingle,
  };
}

/** A page of identities. */
export function identityPageResult(
  identities: readonly JsonObject[],
  nextPageToken: string | undefined,
): Result {
  return {
    json: { identities, next_page_token: nextPageToken ?? '' },
    columns: COLUMNS,
    rows: identities.map(row),
    ids: identities.map((identity) => textOf(identity['id'])),
    footer: [['NEXT PAGE TOKEN', nextPageToken ?? '']],
  };
}

function row(identity: JsonObject): readonly string[] {
  return [
    textOf(identity['id']),
    textOf(identity['external_id']),
    addresses(identity['verifiable_addresses'], ({ verified }) => verified === true),
    addresses(identity['recovery_addresses'], () => true),
    textOf(identity['schema_id']),
    textOf(identity['schema_url']),
  ];
}

/** An identity as people know it, with its id. */
export function whoIs(identity: JsonObject): string {
  const id = textOf(identity['id']);
  const known =
    addresses(identity['recovery_addresses'], () => true) ||
    addresses(identity['verifiable_addresses'], () => true);
  return known === '' ? id : `${known} (${id})`;
}

function addresses(list: Json | undefined, counts: (address: JsonObject) => boolean): string {
  if (!Array.isArray(list)) return '';
  return list
    .filter(isJsonObject)
    .filter(counts)
    .map(({ value }) => textOf(value))
    .join(', ');
}

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
