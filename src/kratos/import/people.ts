// Brings people over, batch by batch: new ones are stored together, changed ones one by one.

import type { Act } from '../../event/administrator.ts';
import type { ImportRecord } from '../../flow/store.ts';
import { override } from '../../identity/change/change.ts';
import type { Credential, FullIdentity } from '../../identity/identity.ts';
import { IdentityConflict } from '../../identity/store.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { type ConvertedPerson, convertPerson } from '../convert/person.ts';
import { idsStillThere, type KratosPerson, peopleAfter, peopleById } from '../read/identities.ts';
import { digestOf, FIRST_ID, type ImportDeps, writeTo } from './deps.ts';

/** A person as they are to be stored. */
interface Arrival {
  readonly identity: FullIdentity;
  readonly record: ImportRecord;
  readonly losses: readonly string[];
}

export async function importPeople(deps: ImportDeps): Promise<void> {
  const inTheWay: string[] = [];
  let afterId = FIRST_ID;
  while (!deps.isStopped()) {
    const people = await peopleAfter(deps.source, afterId, deps.batchSize);
    inTheWay.push(...(await importBatch(deps, people)));
    deps.onProgress(people.length);
    const last = people.at(-1)?.identity['id'];
    if (!last || people.length < deps.batchSize) break;
    afterId = last;
  }
  await importRest(deps, inTheWay);
}

/** Somebody may have had an address before that belongs to another person now: once the others are written, they fit. */
async function importRest(deps: ImportDeps, ids: readonly string[]): Promise<void> {
  let left = ids;
  while (left.length > 0 && !deps.isStopped()) {
    const still: string[] = [];
    for (let at = 0; at < left.length; at += deps.batchSize) {
      const people = await peopleById(deps.source, left.slice(at, at + deps.batchSize));
      still.push(...(await importBatch(deps, people)));
    }
    if (still.length === left.length) break;
    left = still;
  }
  const reason = 'an identifier, address or external id of theirs belongs to another identity here';
  for (const id of left) fail(deps, id, reason);
}

/** Returns the ids of those who are in conflict with somebody for now. */
async function importBatch(deps: ImportDeps, people: readonly KratosPerson[]): Promise<readonly string[]> {
  const arrivals: Arrival[] = [];
  for (const person of people) {
    const arrival = await toArrival(deps, person);
    if (arrival) arrivals.push(arrival);
  }
  const known = await recordsOf(deps, arrivals);
  const fresh = arrivals.filter(({ identity }) => !known.has(identity.id));
  const changed = arrivals.filter(({ identity, record }) => {
    const before = known.get(identity.id);
    return before !== undefined && before.seen !== record.seen;
  });
  const same = arrivals.filter(({ identity, record }) => known.get(identity.id)?.seen === record.seen);
  for (const arrival of same) settle(deps, arrival, 'unchanged');
  const inTheWay = await storeAll(deps, fresh);
  for (const arrival of changed) {
    if (!(await replace(deps, arrival))) inTheWay.push(arrival.identity.id);
  }
  return inTheWay;
}

async function recordsOf(
  { database }: ImportDeps,
  arrivals: readonly Arrival[],
): Promise<ReadonlyMap<string, ImportRecord>> {
  const ids = arrivals.map(({ identity }) => identity.id);
  const records = await database.stores.imports.find('identity', ids);
  return new Map(records.map((record) => [record.id, record]));
}

async function toArrival(deps: ImportDeps, person: KratosPerson): Promise<Arrival | undefined> {
  const id = person.identity['id'] ?? '';
  let converted: ConvertedPerson;
  try {
    converted = convertPerson(person, deps.cipher);
  } catch (error) {
    fail(deps, id, error instanceof Error ? error.message : 'it cannot be read');
    return undefined;
  }
  const { identity } = converted;
  if (!deps.schemaIds.has(identity.schemaId)) {
    fail(deps, id, `the identity schema "${identity.schemaId.slice(0, 100)}" is not configured`);
    return undefined;
  }
  const losses = [...converted.losses];
  const credentials: Record<string, Credential> = {};
  for (const held of converted.credentials) {
    const { credential, loss } = await takeOver(deps, identity.id, held);
    if (credential) credentials[held.type] = credential;
    if (loss !== undefined) losses.push(loss);
  }
  const full: FullIdentity = { ...identity, credentials };
  return {
    identity: full,
    losses,
    record: {
      kind: 'identity',
      id: identity.id,
      // With what was lost: once it can be read, the person counts as changed.
      seen: digestOf([identity, converted.credentials, losses]),
      written: digestOfStored(full),
    },
  };
}

/** Of what can be read back: not everything that is written with a credential comes back with it. */
function digestOfStored({ credentials, ...identity }: FullIdentity): string {
  const kept = Object.values(credentials).map((held) => [
    ...[held.type, held.identifiers, held.config, held.version, held.createdAtMs, held.updatedAtMs],
  ]);
  return digestOf([identity, kept.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))]);
}

async function takeOver(
  deps: ImportDeps,
  identityId: IdentityId,
  held: ConvertedPerson['credentials'][number],
): Promise<{ readonly credential?: Credential; readonly loss?: string }> {
  const { type, config, identifiers, createdAtMs, updatedAtMs } = held;
  const of = { type, identifiers, createdAtMs, updatedAtMs };
  // A row for everybody whose schema names an identifier, whether or not they have such a credential.
  if (Object.keys(config).length === 0) return { credential: { ...of, config: {}, version: 1 } };
  try {
    const draft = await deps.importCredential(type, config, identityId);
    return { credential: { ...of, ...draft, version: draft.version ?? 1, identifiers } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { loss: `credential "${type}": ${error.reason ?? error.message}` };
  }
}

/** Stores new people together or, where one of them does not fit, one by one. Returns who is in conflict with somebody. */
async function storeAll(deps: ImportDeps, arrivals: readonly Arrival[]): Promise<string[]> {
  if (arrivals.length === 0) return [];
  try {
    await writeTo(deps, async ({ identities, imports }) => {
      await identities.insertMany(arrivals.map(({ identity }) => identity));
      await imports.put(arrivals.map(({ record }) => record));
    });
    for (const arrival of arrivals) settle(deps, arrival, 'new');
    return [];
  } catch (error) {
    if (arrivals.length > 1) {
      const inTheWay: string[] = [];
      for (const arrival of arrivals) inTheWay.push(...(await storeAll(deps, [arrival])));
      return inTheWay;
    }
    const [{ identity }] = arrivals as readonly [Arrival]; // there is exactly one
    if (error instanceof IdentityConflict) return [identity.id];
    if (isConnectionLost(error)) throw error;
    fail(deps, identity.id, refusalText(error));
    return [];
  }
}

/** Brings what changed there, unless it was changed here too. False where it is in conflict with somebody for now. */
async function replace(deps: ImportDeps, arrival: Arrival): Promise<boolean> {
  const { identity, record } = arrival;
  try {
    const fate = await writeTo(deps, async ({ identities, imports }) => {
      const [before] = await imports.find('identity', [identity.id]);
      const held = await identities.findFull(identity.id);
      if (!held || !before || digestOfStored(held) !== before.written) return 'kept';
      const overwrite = override(identity.id).rewrite(() => identity);
      const changes = { identityId: identity.id, changes: [overwrite], guard: {}, rules: deps.changeRules };
      await identities.apply({ ...changes, nowMs: deps.nowMs, act: actOf(deps) });
      await imports.put([record]);
      return 'changed';
    });
    settle(deps, arrival, fate);
    return true;
  } catch (error) {
    if (error instanceof IdentityConflict) return false;
    throw error;
  }
}

function settle(
  { report }: ImportDeps,
  { identity, losses }: Arrival,
  fate: 'new' | 'changed' | 'unchanged' | 'kept',
): void {
  report.count('identity', fate);
  const { id } = identity;
  if (fate === 'kept') {
    const reason = 'it was changed there and here; what is here stays';
    report.problem({ kind: 'identity', id, reason, isWhole: true });
    return;
  }
  for (const reason of losses) report.problem({ kind: 'identity', id, reason, isWhole: false });
}

function fail({ report }: ImportDeps, id: string, reason: string): void {
  report.count('identity', 'failed');
  report.problem({ kind: 'identity', id, reason, isWhole: true });
}

const actOf =
  ({ nowMs }: ImportDeps): Act =>
  (happened) => ({
    ...happened,
    atMs: nowMs,
    clientIp: '',
    requestId: '',
    details: { ...happened.details, by: 'import' },
  });

/** Removes whom Kratos does not know any more, unless they were changed here. */
export async function removeGonePeople(deps: ImportDeps): Promise<void> {
  let afterId = FIRST_ID;
  while (!deps.isStopped()) {
    const records = await deps.database.stores.imports.list('identity', { afterId, limit: deps.batchSize });
    const ids = records.map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) break;
    const there = await idsStillThere(deps.source, ids);
    for (const record of records) if (!there.has(record.id)) await removePerson(deps, record);
    afterId = last;
  }
}

async function removePerson(deps: ImportDeps, record: ImportRecord): Promise<void> {
  const id = record.id as IdentityId; // the record of an identity has its id
  const fate = await writeTo(deps, async ({ identities, imports }) => {
    const held = await identities.findFull(id);
    if (held && digestOfStored(held) !== record.written) return 'kept';
    if (held) await identities.delete(id);
    await imports.forget('identity', [id]);
    return 'removed';
  });
  deps.report.count('identity', fate);
  if (fate === 'kept') {
    const reason = 'it was deleted there and changed here; it stays';
    deps.report.problem({ kind: 'identity', id, reason, isWhole: true });
  }
}

/** What the database said, without the values that may stand in it. */
export function refusalText(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be stored';
  const [first = ''] = error.message.split('\n');
  return `it cannot be stored (${first.slice(0, 200)})`;
}

/** Nothing can be stored any more: trying the others as well would only count them as failed. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(?:08|57|53)|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT/.test(code) ||
    /connection terminated|disk is full|disk I.O|readonly database/i.test(error.message)
  );
}
