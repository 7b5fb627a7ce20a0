// The import of a Kratos database from beginning to end. It can be stopped at any moment, and run again at any time.
import { leftBehind } from '../read/left-behind.ts';
import type { ImportDeps } from './deps.ts';
import { endUsedFlows, importFlows } from './flows.ts';
import { importPeople, removeGonePeople } from './people.ts';
import type { ImportSummary } from './report.ts';
import { endGoneSessions, importSessions } from './sessions.ts';

/** What went is taken away first: it may stand in the way of what is new. */
export async function importFromKratos(deps: ImportDeps): Promise<ImportSummary> {
  await removeGonePeople(deps);
  await importPeople(deps);
  await endGoneSessions(deps);
  await importSessions(deps);
  await endUsedFlows(deps);
  await importFlows(deps);
  return deps.report.summary({
    leftBehind: await leftBehind(deps.source, deps.nowMs),
    isStopped: deps.isStopped(),
  });
}
