// Brings over what waits for a code or link that somebody has in their mailbox.
import type { ImportRecord, Stores } from '../../flow/store.ts';
import type { FlowId } from '../../lib/ids.ts';
import { type ConvertedFlow, convertFlow } from '../convert/flow.ts';
import {
  flowsAfter,
  flowsStillWaiting,
  type KratosFlow,
  WAITING_KINDS,
  type WaitingKind,
} from '../read/flows.ts';
import { digestOf, FIRST_ID, type ImportDeps, writeTo } from './deps.ts';
import { isConnectionLost, refusalText } from './people.ts';

export async function importFlows(deps: ImportDeps): Promise<void> {
  for (const kind of WAITING_KINDS) {
    let afterId: string | undefined = FIRST_ID;
    while (afterId !== undefined && !deps.isStopped()) {
      const page = { kind, afterId, limit: deps.batchSize, nowMs: deps.nowMs };
      const flows: readonly KratosFlow[] = await flowsAfter(deps.source, page);
      for (const waiting of flows) await importFlow(deps, waiting);
      deps.onProgress(flows.length);
      afterId = flows.length < deps.batchSize ? undefined : (flows.at(-1)?.flow['id'] ?? undefined);
    }
  }
}

async function importFlow(deps: ImportDeps, waiting: KratosFlow): Promise<void> {
  const id = waiting.flow['id'] ?? '';
  try {
    const converted = convertFlow(waiting);
    if (!converted) return;
    const record = { kind: 'flow', id, seen: digestOf(converted), written: '' } as const;
    deps.report.count('flow', await store(deps, converted, record));
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    fail(deps, id, refusalText(error));
  }
}

function store(
  deps: ImportDeps,
  { flow, secrets }: ConvertedFlow,
  record: ImportRecord,
): Promise<'new' | 'changed' | 'unchanged' | 'kept'> {
  if (deps.isDryRun) return Promise.resolve('new');
  return deps.database.transaction(async (stores) => {
    const [before] = await stores.imports.find('flow', [record.id]);
    if (before?.seen === record.seen) return 'unchanged';
    const held = before && (await stores.flows.find(flow.kind, flow.id));
    // Somebody went on with it here.
    if (before && held?.version !== flow.version) return 'kept';
    if (held) await stores.flows.save(flow, { isRefused: true });
    else await stores.flows.insert(flow);
    await stores.secrets.replace(flow.id, purposeOf(flow.kind), secrets);
    await stores.imports.put([record]);
    return held ? 'changed' : 'new';
  });
}

// Flows are brought over of these kinds only, which are purposes as well.
const purposeOf = (kind: string): WaitingKind => kind as WaitingKind;

/** What was used up there cannot be used here. */
export async function endUsedFlows(deps: ImportDeps): Promise<void> {
  let afterId = FIRST_ID;
  while (!deps.isStopped()) {
    const records = await deps.database.stores.imports.list('flow', { afterId, limit: deps.batchSize });
    const last = records.at(-1);
    if (!last) break;
    const ids = records.map(({ id }) => id);
    const waiting = new Set<string>();
    for (const kind of WAITING_KINDS) {
      const of = { ids, nowMs: deps.nowMs };
      for (const id of await flowsStillWaiting(deps.source, kind, of)) waiting.add(id);
    }
    const used = ids.filter((id) => !waiting.has(id));
    if (used.length > 0) await writeTo(deps, (stores) => endAll(stores, used));
    deps.report.count('flow', 'removed', used.length);
    afterId = last.id;
  }
}

async function endAll({ secrets, imports }: Stores, ids: readonly string[]): Promise<void> {
  for (const id of ids) await secrets.deleteOfFlow(id as FlowId); // the record of a flow has its id
  await imports.forget('flow', ids);
}

function fail({ report }: ImportDeps, id: string, reason: string): void {
  report.count('flow', 'failed');
  report.problem({ kind: 'flow', id, reason, isWhole: true });
}
