// Is a value the body of a new identity? Told before it is sent, with the place of each fault.
import { nearest } from '../../../lib/edit-distance.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../lib/json.ts';

/** What the admin API takes (docs/protocol/http.md section 5.1). */
const KEYS: readonly string[] = [
  'schema_id',
  'traits',
  'credentials',
  'verifiable_addresses',
  'recovery_addresses',
  'metadata_public',
  'metadata_admin',
  'state',
  'organization_id',
  'external_id',
  'region',
];

/** What answers have and requests must not. */
const GIVEN_BY_SERVER: readonly string[] = [
  'id',
  'schema_url',
  'state_changed_at',
  'created_at',
  'updated_at',
];

/**
 * An identity as the API answers with it -> one that can be sent: without what the server gives, and credentials with what
 * can be imported of them. Everything else stays as it is.
 */
export function asRequest(value: Json): Json {
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !GIVEN_BY_SERVER.includes(key));
  return Object.fromEntries(
    entries.map(([key, inner]) => [
      key,
      key === 'credentials' && inner !== undefined ? asImported(inner) : inner,
    ]),
  );
}

/** Credentials whose config was not asked for are listed without one: there is nothing to import in them. */
function asImported(credentials: Json): Json {
  if (!isJsonObject(credentials)) return credentials;
  const entries = Object.entries(credentials).flatMap(([type, held]) => {
    const isAnswer =
      isJsonObject(held) && ('identifiers' in held || 'version' in held || 'created_at' in held);
    if (!isAnswer) return [[type, held] as const];
    const { config } = held;
    return isJsonObject(config) && Object.keys(config).length > 0 ? [[type, { config }] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** The faults of one entry; none where it can be sent. */
export function identityShapeFaults(value: Json): readonly string[] {
  if (!isJsonObject(value)) return ['it is not an object'];
  const faults = Object.keys(value).flatMap((key) => unknownKey(key) ?? []);
  const { traits, schema_id: schemaId, state, credentials } = value;
  if (traits === undefined) faults.push('traits is missing');
  else if (!isJsonObject(traits)) faults.push('traits must be an object');
  if (schemaId !== undefined && typeof schemaId !== 'string') faults.push('schema_id must be text');
  if (state !== undefined && state !== '' && state !== 'active' && state !== 'inactive') {
    faults.push('state must be active or inactive');
  }
  if (credentials !== undefined && credentials !== null && !isJsonObject(credentials)) {
    faults.push('credentials must be an object');
  }
  return faults;
}

function unknownKey(key: string): string | undefined {
  if (KEYS.includes(key)) return undefined;
  const near = nearest(key, KEYS);
  return `there is no key "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

/** Whether the server has to hash a password for it. */
export function hasClearPassword(value: JsonObject): boolean {
  const { credentials } = value;
  const password = isJsonObject(credentials) ? credentials['password'] : undefined;
  const config = isJsonObject(password) ? password['config'] : undefined;
  return isJsonObject(config) && typeof config['password'] === 'string' && config['password'] !== '';
}
