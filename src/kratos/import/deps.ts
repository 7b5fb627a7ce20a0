// What an import works with.
import type { Database, Stores } from '../../flow/store.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { ChangeRules } from '../../identity/change/plan.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { CipherSettings } from '../convert/credential.ts';
import type { Source } from '../read/network.ts';
import type { ImportReport } from './report.ts';

/** Takes over a credential; throws an Error that says why it cannot be. */
export type ImportCredential = (
  type: string,
  config: JsonObject,
  identityId: IdentityId,
) => Promise<Omit<CredentialDraft, 'type'>>;

export interface ImportDeps {
  readonly source: Source;
  readonly cipher: CipherSettings;
  readonly database: Database;
  readonly nowMs: number;
  readonly schemaIds: ReadonlySet<string>;
  readonly importCredential: ImportCredential;
  readonly changeRules: ChangeRules;
  readonly report: ImportReport;
  readonly batchSize: number;
  readonly isDryRun: boolean;
  readonly isStopped: () => boolean;
  /** Told after each batch how many things were looked at so far. */
  readonly onProgress: (by: number) => void;
}

/** No id is before this one. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

class DryRun extends Error {}

/** Runs the work in one transaction; in a dry run nothing of it is kept. */
export async function writeTo<T>(
  { database, isDryRun }: Pick<ImportDeps, 'database' | 'isDryRun'>,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  if (!isDryRun) return database.transaction(work);
  let value: { readonly value: T } | undefined;
  await database
    .transaction(async (stores) => {
      value = { value: await work(stores) };
      throw new DryRun();
    })
    .catch((error: unknown) => {
      if (!(error instanceof DryRun)) throw error;
    });
  if (!value) throw new Error('the work of a dry run did not end');
  return value.value;
}

/** Of anything that is JSON, whatever the order of its members. */
export function digestOf(value: unknown): string {
  return tokenDigest(JSON.stringify(value, sortedMembers));
}

function sortedMembers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
