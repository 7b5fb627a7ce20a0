// `bia import kratos`: a Kratos database, the configuration of both sides and our database, put together.
import { CommandError } from '../cli/line/command.ts';
import { readMergedFiles } from '../config/file.ts';
import { changeRules } from '../identity/admin/administration.ts';
import type { KratosDatabase } from '../kratos/database/database.ts';
import { openKratosDatabase } from '../kratos/database/open.ts';
import type { ImportCredential } from '../kratos/import/deps.ts';
import { importFromKratos } from '../kratos/import/import.ts';
import { createImportReport, type ImportSummary, type Problem } from '../kratos/import/report.ts';
import { countPeople } from '../kratos/read/identities.ts';
import { openSource } from '../kratos/read/network.ts';
import { type KratosSettings, kratosSettings } from '../kratos/settings.ts';
import { systemClock } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import { badRequest } from '../protocol/refusals.ts';
import { type Bia, createBia } from './create-app.ts';

export interface KratosImportRequest {
  /** Configuration files of Kratos, in their order. */
  readonly kratosFiles: readonly string[];
  /** Those of Bia, where they are others. */
  readonly biaFiles?: readonly string[];
  /** Database of Kratos; default: that of its configuration. */
  readonly from?: string;
  /** Database of Bia; default: that of its environment or configuration. */
  readonly to?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether Bia's configuration is read in development mode. */
  readonly isDev: boolean;
  readonly batchSize: number;
  readonly isDryRun: boolean;
  readonly isStopped: () => boolean;
  /** `total`: people there are, told once; then how many things were looked at. */
  readonly onStart: (total: number) => void;
  readonly onProgress: (by: number) => void;
  readonly onProblem: (problem: Problem) => void;
}

/** Throws ConfigError, or CommandError with advice where one of the databases cannot be used. */
export async function importKratos(request: KratosImportRequest): Promise<ImportSummary> {
  const settings = await advising('configuration of Kratos', () =>
    kratosSettings(readMergedFiles(request.kratosFiles), request.env),
  );
  const from = request.from ?? settings.dsn;
  if (from === undefined) {
    throw new CommandError(
      'no database of Kratos is named',
      'name it by --from, or by dsn in the file of --config',
    );
  }
  const { DSN: dsnOfEnv, ...env } = request.env;
  const to = request.to ?? dsnOfEnv;
  const biaFiles = request.biaFiles ?? request.kratosFiles;
  if ((to ?? dsnIn(readMergedFiles(biaFiles))) === from) {
    throw new CommandError(
      'Bia needs a database of its own, other than that of Kratos',
      'name it by --to, such as: --to sqlite://bia.sqlite',
    );
  }
  const database = await advising('database of Kratos', () => openKratosDatabase(from));
  try {
    const bia = await createBia({
      files: biaFiles,
      env: { ...env, ...(to === undefined ? {} : { DSN: to }) },
      ...(request.isDev ? { flags: { dev: true } } : {}),
    });
    return await importInto(bia, { ...request, kratos: database, cipher: settings.cipher });
  } finally {
    await database.close();
  }
}

async function importInto(
  bia: Bia,
  of: KratosImportRequest & Pick<KratosSettings, 'cipher'> & { readonly kratos: KratosDatabase },
): Promise<ImportSummary> {
  try {
    await advising('database of Bia', () => bia.database.check());
    const { source } = await advising('database of Kratos', () => openSource(of.kratos));
    of.onStart(await countPeople(source));
    return await importFromKratos({
      ...of,
      source,
      database: bia.database,
      nowMs: systemClock.nowMs(),
      schemaIds: new Set(bia.config.identity.schemas.map(({ id }) => id)),
      importCredential: importerOf(bia),
      changeRules: changeRules(bia),
      report: createImportReport(of.onProblem),
    });
  } finally {
    await bia.close();
  }
}

/** What is wrong with one side is told with its name, and not as a fault of the program. */
async function advising<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CommandError(`the ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function importerOf({ credentialRules }: Pick<Bia, 'credentialRules'>): ImportCredential {
  return (type, config, identityId) => {
    const rule = credentialRules.find(({ name }) => name === type);
    if (!rule?.importCredential) throw badRequest('Bia has no such credentials');
    return rule.importCredential(config, { identityId });
  };
}

function dsnIn({ dsn }: JsonObject): string | undefined {
  return typeof dsn === 'string' ? dsn : undefined;
}
