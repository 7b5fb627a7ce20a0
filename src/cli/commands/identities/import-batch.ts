// Sends batches of identities; a batch that is refused as a whole is split until the entry at fault stands alone.
import { newUuid } from '../../../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../lib/json.ts';
import { type AdminApi, AdminRefusal } from '../../admin-api.ts';
import { hasClearPassword } from './shape.ts';

export interface ImportEntry {
  readonly source: string;
  readonly value: JsonObject;
}

export interface ImportFailure {
  readonly source: string;
  readonly reason: string;
  /** As it stood in the file. */
  readonly value: Json;
  readonly isConflict: boolean;
  /** The value is the text of a line that is not JSON. */
  readonly isUnread?: boolean;
}

export interface BatchOutcome {
  readonly ids: readonly string[];
  readonly failures: readonly ImportFailure[];
}

/** What one request of the admin API takes (docs/protocol/http.md section 5.1); the body limit is 5 MiB. */
const MAX_CLEAR_PASSWORDS = 200;
const MAX_BYTES = 4 * 1024 * 1024;
const CONFLICT = 409;

/** Groups entries into batches that the server takes. */
export async function* batches(
  entries: AsyncIterable<ImportEntry>,
  size: number,
): AsyncGenerator<readonly ImportEntry[]> {
  let batch: ImportEntry[] = [];
  let bytes = 0;
  let passwords = 0;
  for await (const entry of entries) {
    const more = Buffer.byteLength(JSON.stringify(entry.value));
    const one = hasClearPassword(entry.value) ? 1 : 0;
    const isFull = batch.length >= size || bytes + more > MAX_BYTES || passwords + one > MAX_CLEAR_PASSWORDS;
    if (isFull && batch.length > 0) {
      yield batch;
      [batch, bytes, passwords] = [[], 0, 0];
    }
    batch.push(entry);
    bytes += more;
    passwords += one;
  }
  if (batch.length > 0) yield batch;
}

/** Throws CommandError where the server cannot be reached or fails itself. */
export async function sendBatch(api: AdminApi, batch: readonly ImportEntry[]): Promise<BatchOutcome> {
  const patches = batch.map(({ value }) => ({ create: value, patch_id: newUuid() }));
  try {
    const { json } = await api.send('PATCH', '/admin/identities', { identities: patches });
    return outcomeOf(
      batch,
      isJsonObject(json) && Array.isArray(json['identities']) ? json['identities'] : [],
    );
  } catch (error) {
    const isOurs =
      error instanceof AdminRefusal && error.status >= 400 && error.status < 500 && error.status !== 404;
    if (!isOurs) throw error;
    const [only] = batch;
    if (batch.length === 1 && only) {
      return {
        ids: [],
        failures: [{ ...only, reason: error.message, isConflict: error.status === CONFLICT }],
      };
    }
    const half = Math.ceil(batch.length / 2);
    const first = await sendBatch(api, batch.slice(0, half));
    const second = await sendBatch(api, batch.slice(half));
    return { ids: [...first.ids, ...second.ids], failures: [...first.failures, ...second.failures] };
  }
}

/** Answers stand in the order of the requests. */
function outcomeOf(batch: readonly ImportEntry[], answers: readonly Json[]): BatchOutcome {
  const ids: string[] = [];
  const failures: ImportFailure[] = [];
  for (const [index, entry] of batch.entries()) {
    const answer = answers[index];
    const identity = isJsonObject(answer) ? answer['identity'] : undefined;
    const error = isJsonObject(answer) && isJsonObject(answer['error']) ? answer['error'] : undefined;
    if (typeof identity === 'string' && !error) ids.push(identity);
    else {
      const reason = error?.['reason'] || error?.['message'] || 'the server gave no answer for it';
      failures.push({ ...entry, reason: String(reason), isConflict: error?.['code'] === CONFLICT });
    }
  }
  return { ids, failures };
}
