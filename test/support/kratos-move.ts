// A move from Kratos: its database, ours, and the import between them.
import { importKratos } from '../../src/app/import-kratos.ts';
import { mergeDocuments } from '../../src/config/file.ts';
import type { Problem } from '../../src/kratos/import/report.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { createWorkplace } from '../cli/program.ts';
import { type DatabaseName, freshDatabase, SHARED_DATABASES } from './databases.ts';
import { createKratosDatabase, type KratosDb, type KratosKind } from './kratos-database.ts';
import { sharedConfig, startServer, type TestScope, type TestServer } from './server.ts';

const CONFIG: JsonObject = {
  courier: { smtp: { connection_uri: 'smtp://127.0.0.1:1/' } },
  selfservice: {
    flows: { recovery: { enabled: true, use: 'code' }, verification: { enabled: true, use: 'code' } },
  },
};

export interface Move {
  readonly kratos: KratosDb;
  readonly to: string;
  readonly bring: (of?: {
    readonly isDryRun?: boolean;
    readonly batchSize?: number;
  }) => ReturnType<typeof importKratos>;
  readonly problems: Problem[];
  readonly serve: () => Promise<TestServer>;
}

export async function moveFromKratos(
  t: TestScope,
  of: {
    readonly kind?: KratosKind;
    readonly target?: DatabaseName;
    /** Laid over what both sides are configured with. */
    readonly config?: JsonObject;
  } = {},
): Promise<Move> {
  const { kind = 'sqlite', target = SHARED_DATABASES[0] ?? 'sqlite file', config = {} } = of;
  const kratos = await createKratosDatabase(kind);
  t.after(() => kratos.remove());
  const fresh = await freshDatabase(target);
  t.after(fresh.remove);
  const workplace = createWorkplace();
  t.after(() => workplace.remove());
  const shared = { ...sharedConfig(kratos.dsn), log: { level: 'error' } };
  const merged = mergeDocuments(shared, config);
  const file = workplace.write('kratos.json', isJsonObject(merged) ? merged : shared);
  const problems: Problem[] = [];
  return {
    kratos,
    to: fresh.dsn,
    problems,
    bring: ({ isDryRun = false, batchSize = 2 } = {}) =>
      importKratos({
        kratosFiles: [file],
        to: fresh.dsn,
        env: {},
        isDev: true,
        batchSize,
        isDryRun,
        isStopped: () => false,
        onStart: () => undefined,
        onProgress: () => undefined,
        onProblem: (problem) => problems.push(problem),
      }),
    serve: () => {
      const laid = mergeDocuments(CONFIG, config);
      return startServer(t, { dsn: fresh.dsn, config: isJsonObject(laid) ? laid : CONFIG });
    },
  };
}
