// Why a database cannot be used, in words, and whether it can get better by itself.
import { CommandError, type MigrationTarget } from '../line/command.ts';

export interface Trouble {
  readonly text: string;
  readonly hint: string;
  /** False where somebody has to change the configuration: waiting helps nobody then. */
  readonly mayPass: boolean;
}

/** Longer than a network needs, short enough for somebody who watches a start. */
const TIMEOUT_MS = 5_000;

/** What keeps the database from being used; undefined where nothing does. `source` is how commands name it: `-c bia.yml`. */
export async function troubleOf(
  database: Pick<MigrationTarget, 'migrationStatus'>,
  of: { readonly name: string; readonly source: string },
): Promise<Trouble | undefined> {
  try {
    const rows = await withinTime(database.migrationStatus());
    const pending = rows.filter(({ status }) => status === 'pending').length;
    if (pending === 0) return undefined;
    const what =
      pending === rows.length ? 'has no tables yet' : `lacks ${pending} of ${rows.length} migrations`;
    return {
      text: `${of.name} ${what}`,
      hint: `bring it up to date: bia migrate sql up ${of.source}`,
      mayPass: true,
    };
  } catch (error) {
    return troubleOfError(error, of.name);
  }
}

/** The same for an error of a driver. */
export function troubleOfError(error: unknown, name: string): Trouble {
  const code = codeOf(error);
  if (code === '42P01' || (code === 'ERR_SQLITE_ERROR' && /no such table/.test(reasonOf(error)))) {
    return { text: `${name} has no tables yet`, hint: 'make them with: bia migrate sql up', mayPass: true };
  }
  if (code === 'ERR_SQLITE_ERROR') {
    return {
      text: `${name} cannot be used: ${reasonOf(error)}`,
      hint: 'is its file a database of Bia?',
      mayPass: false,
    };
  }
  switch (code) {
    case '28P01':
    case '28000':
      return { text: `${name} refuses user or password`, hint: 'check them in the DSN', mayPass: false };
    case '3D000':
      return {
        text: `${name} does not exist`,
        hint: 'create it first, such as with: createdb NAME',
        mayPass: false,
      };
    case '42501':
      return {
        text: `${name} lets this user do too little`,
        hint: 'grant it the rights to its tables',
        mayPass: false,
      };
    case '57P03':
      return {
        text: `${name} is starting or stopping`,
        hint: 'it can be used when it has started',
        mayPass: true,
      };
    case '53300':
      return {
        text: `${name} takes no more connections`,
        hint: 'lower max_conns in the DSN, or raise max_connections of the database',
        mayPass: true,
      };
    default:
      return {
        text: `${name} cannot be reached (${code || reasonOf(error)})`,
        hint: 'is the database running, and is the address right?',
        mayPass: true,
      };
  }
}

export const toCommandError = ({ text, hint }: Trouble): CommandError => new CommandError(text, hint);

/** True for what a driver or the network says; anything else is a fault of ours. */
export const isOfDatabase = (error: unknown): boolean =>
  codeOf(error) !== '' || error instanceof AggregateError;

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  // A name with several addresses fails once for each of them.
  return error instanceof AggregateError && error.errors.length > 0 ? codeOf(error.errors[0]) : '';
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
