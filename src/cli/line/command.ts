// What is a command of the command line, what does it get, and what does it need from the rest of the program?
import type { ConfigFault, ConfigLoader, ConfigSources } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { JsonObject } from '../../lib/json.ts';

export interface FlagSpec {
  /** Without the leading dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for the value in help; absent: the flag is a switch. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  readonly default?: string;
  /** Variables that stand in for the flag where it is not given. */
  readonly env?: readonly string[];
  readonly choices?: readonly string[];
  readonly text: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly text: string;
  readonly isRequired?: boolean;
  readonly isRepeatable?: boolean;
}

export interface CommandSpec {
  /** Words that name it: `['identities', 'list']`. */
  readonly path: readonly string[];
  /** Other words for the same. */
  readonly aliases?: readonly (readonly string[])[];
  readonly summary: string;
  /** Paragraphs. */
  readonly description?: readonly string[];
  readonly arguments?: readonly ArgumentSpec[];
  readonly flags: readonly FlagSpec[];
  readonly examples?: readonly string[];
}

/** 0: done. 1: it failed. 2: the command line itself was wrong. */
export type ExitCode = 0 | 1 | 2;

/** A parsed command line. */
export interface Invocation {
  readonly command: CommandSpec;
  readonly positionals: readonly string[];
  /** Value of a flag, or the last of them; undefined where it was not given and has no default. */
  readonly text: (flag: string) => string | undefined;
  readonly all: (flag: string) => readonly string[];
  readonly isOn: (flag: string) => boolean;
}

/** The terminal and the process around a command. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Whether a line of progress can be written over. */
  readonly hasLiveErr: boolean;
  readonly ask: (question: string) => Promise<string>;
  readonly readStdin: () => Promise<string>;
  /** Calls back for each request to stop; afterwards the process does not stop by itself any more. */
  readonly onStopSignal: (listener: () => void) => void;
  readonly exitNow: (code: number) => void;
  readonly nowMs: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How this program was started, for commands that are suggested: `bia`, `npx bia`, `node bin/bia.mjs`. */
  readonly program: string;
}

export interface MigrationRow {
  readonly version: string;
  readonly name: string;
  readonly status: 'applied' | 'pending';
}

/** A database as far as `migrate` needs one. */
export interface MigrationTarget {
  readonly kind: 'sqlite' | 'postgres';
  readonly migrationStatus: () => Promise<readonly MigrationRow[]>;
  readonly migrateUp: () => Promise<readonly MigrationRow[]>;
  close(): Promise<void>;
}

export interface ServeRequest {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: JsonObject;
}

export interface RunningServer {
  readonly publicUrl: string;
  /** Where the admin port can be reached: as configured, or where it listens. */
  readonly adminUrl: string;
  /** Where the public port listens; something in front of it may have another address. */
  readonly listensOn: string;
  readonly bia: {
    readonly config: Config;
    readonly warnings: readonly ConfigFault[];
    readonly database: Pick<MigrationTarget, 'kind' | 'migrationStatus'>;
    readonly trustedProxies: readonly string[];
  };
  stop(): Promise<void>;
}

export interface RunningCourier {
  readonly bia: Pick<RunningServer['bia'], 'config' | 'warnings' | 'database'>;
  /** Where its measurements can be read, if anywhere. */
  readonly metricsUrl?: string;
  stop(): Promise<void>;
}

export interface KratosImport {
  readonly kratosFiles: readonly string[];
  readonly biaFiles?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isDev: boolean;
  readonly batchSize: number;
  readonly isDryRun: boolean;
  readonly isStopped: () => boolean;
  readonly onStart: (total: number) => void;
  readonly onProgress: (by: number) => void;
  readonly onProblem: (problem: object) => void;
}

type ImportCounts = Readonly<Record<'new' | 'changed' | 'unchanged' | 'removed' | 'kept' | 'failed', number>>;

/** What an import did, as far as the command line tells it. */
export interface KratosImported {
  readonly counts: Readonly<Record<'identity' | 'session' | 'flow', ImportCounts>>;
  readonly problems: readonly {
    readonly kind: string;
    readonly reason: string;
    readonly count: number;
    readonly ids: readonly string[];
  }[];
  readonly leftBehind: readonly { readonly what: string; readonly count: number }[];
  readonly isStopped: boolean;
}

/** What the composition root hands in; each is loaded only when a command needs it. */
export interface CliDeps {
  readonly createLoader: () => Promise<ConfigLoader>;
  readonly serve: (request: ServeRequest) => Promise<RunningServer>;
  /** Sends messages until it is stopped. */
  readonly watchCourier: (request: ServeRequest) => Promise<RunningCourier>;
  /** Brings a Kratos database over. Throws as `serve`, or an Error with advice. */
  readonly importKratos: (request: KratosImport) => Promise<KratosImported>;
  /** Opens the database of a DSN without migrating it. Throws an Error with advice. */
  readonly openDatabase: (dsn: string) => Promise<MigrationTarget>;
  /** Copying SQLite databases and putting them back; they throw errors with a `hint`. */
  readonly backups: () => Promise<Backups>;
  /** Seals stored credentials with the newest secret. Throws ConfigError, and what the database throws. */
  readonly reseal: (sources: ConfigSources, onLooked: (count: number) => void) => Promise<ResealReport>;
  /** Removes what is over; how much of it, by kind. Throws what the database throws. */
  readonly cleanUp: (request: CleanUpRequest) => Promise<Readonly<Record<string, number>>>;
}

export interface Backups {
  readonly backupSqlite: (file: string, to: string) => Promise<unknown>;
  readonly restoreSqlite: (
    file: string,
    of: { readonly from: string; readonly keepAs: string },
  ) => Promise<{ readonly kept: string | undefined }>;
}

export interface ResealReport {
  readonly looked: number;
  readonly resealed: number;
  /** Sealed with a secret that is not there any more. */
  readonly unreadable: number;
}

/** What `cleanup` removes: everything whose time was over for so long. */
export interface CleanUpRequest {
  readonly dsn: string;
  readonly keepMs: number;
  readonly batchSize: number;
  /** Rest after each kind of thing. */
  readonly restMs: number;
}

export interface CommandContext {
  readonly io: Io;
  readonly deps: CliDeps;
}

export type Handler = (invocation: Invocation, context: CommandContext) => Promise<ExitCode>;

/** The command line is wrong: what, and what was probably meant. */
export class UsageError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/** The command could not do what it was asked for: why, and what to do next. */
export class CommandError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'CommandError';
    this.hint = hint;
  }
}
