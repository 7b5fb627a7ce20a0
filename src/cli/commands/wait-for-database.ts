// What `serve` and `courier watch` do while their database cannot be used: say so, and go on trying.
import type { Io, MigrationTarget } from '../line/command.ts';
import { type Trouble, toCommandError, troubleOf } from './database-trouble.ts';

export interface Waiting {
  readonly database: Pick<MigrationTarget, 'migrationStatus'>;
  readonly name: string;
  /** How commands name the database: `-c bia.yml`. */
  readonly source: string;
  readonly isJson: boolean;
  readonly stop: Promise<void>;
}

/** The same trouble is said again after this time, for those who look at the end of a log. */
const REPEAT_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Comes back with true when the database can be used, and with false when the process is to stop before. Throws CommandError
 * where waiting would not help.
 */
export async function waitForDatabase(of: Waiting, io: Io): Promise<boolean> {
  const stopped = of.stop.then(() => 'stopped' as const);
  let said: { readonly text: string; readonly atMs: number } | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const trouble = await Promise.race([troubleOf(of.database, of), stopped]);
    if (trouble === 'stopped') return false;
    if (trouble === undefined) return true;
    if (!trouble.mayPass) throw toCommandError(trouble);
    if (said?.text !== trouble.text || io.nowMs() - said.atMs >= REPEAT_MS) {
      io.err(troubleText(trouble, of.isJson));
      said = { text: trouble.text, atMs: io.nowMs() };
    }
    if ((await Promise.race([pause(pauseMs), stopped])) === 'stopped') return false;
  }
}

function troubleText({ text, hint }: Trouble, isJson: boolean): string {
  const msg = 'the database cannot be used yet';
  if (isJson) return `${JSON.stringify({ level: 'error', msg, reason: text, hint })}\n`;
  return `\nBia is WAITING for its database: ${text}.\n  ${hint}\n  Until then requests are answered with 503; it goes on trying.\n\n`;
}

const pause = (byMs: number): Promise<'paused'> =>
  new Promise((resolve) => {
    setTimeout(() => resolve('paused'), byMs).unref();
  });
