// Many identities at once: what is wrong with one does not keep the others from being created.

import type { Act } from '../../event/administrator.ts';
import { createBreaks } from '../../lib/breaks.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { FullIdentity } from '../identity.ts';
import { type AdministrationDeps, refusingConflicts } from './administration.ts';
import { type IdentityDraft, type Imported, importCredentialsOf, storeNew, validDraft } from './create.ts';
import { isClearPassword } from './import.ts';

export const MAX_BATCH = 1_000;
/** Each costs a hash, some 30 ms of a core. */
const MAX_CLEAR_PASSWORDS = 200;
const PREPARED_AT_ONCE = 4;
/** Enough for the database to commit many together, few enough to let others in between. */
const STORED_AT_ONCE = 32;

export type BatchResult =
  | { readonly kind: 'created'; readonly identity: FullIdentity }
  | { readonly kind: 'failed'; readonly error: ApiError }
  /** The entry asked for nothing. */
  | { readonly kind: 'nothing' };

/**
 * Creates what it can and says of each entry what became of it. A credential that cannot be imported refuses the whole
 * batch before anything is stored.
 */
export async function createMany(
  deps: AdministrationDeps,
  drafts: readonly (IdentityDraft | undefined)[],
  act: Act,
): Promise<readonly BatchResult[]> {
  if (drafts.length > MAX_BATCH) throw badRequest(`A batch has at most ${MAX_BATCH} entries.`);
  const clear = drafts.filter((draft) => draft?.credentials.some(isClearPassword)).length;
  if (clear > MAX_CLEAR_PASSWORDS) {
    throw badRequest(`A batch has at most ${MAX_CLEAR_PASSWORDS} passwords in clear text.`);
  }
  const breaks = createBreaks();
  const prepared = await inParallel(drafts, PREPARED_AT_ONCE, async (draft, index) => {
    await breaks.take();
    return prepare(deps, draft, index);
  });
  return inParallel(prepared, STORED_AT_ONCE, (entry) => store(deps, entry, act));
}

async function prepare(
  deps: AdministrationDeps,
  draft: IdentityDraft | undefined,
  index: number,
): Promise<BatchResult> {
  if (!draft) return { kind: 'nothing' };
  let complete: ReturnType<typeof validDraft>;
  try {
    complete = validDraft(deps, draft);
  } catch (error) {
    return asFailed(error);
  }
  return { kind: 'created', identity: complete(await importOf(deps, draft, index)) };
}

async function importOf(deps: AdministrationDeps, draft: IdentityDraft, index: number): Promise<Imported> {
  try {
    return await importCredentialsOf(deps, draft);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    throw badRequest(`identities.${index}.create: ${error.reason ?? error.message}`);
  }
}

async function store(deps: AdministrationDeps, entry: BatchResult, act: Act): Promise<BatchResult> {
  if (entry.kind !== 'created') return entry;
  try {
    await refusingConflicts(() => storeNew(deps, entry.identity, act));
    return entry;
  } catch (error) {
    return asFailed(error);
  }
}

/** What the caller did wrong is the entry's result; our own failures stay failures. */
function asFailed(error: unknown): BatchResult {
  if (!(error instanceof ApiError) || error.status >= 500) throw error;
  return { kind: 'failed', error };
}

/** Works on `limit` items at a time, none more after a failure; results come in the order of the items. */
async function inParallel<In, Out>(
  items: readonly In[],
  limit: number,
  work: (item: In, index: number) => Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = [];
  const waiting = items.entries();
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (hasFailed) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
