// Asks before something that cannot be undone.
import { CommandError, type Invocation, type Io } from './command.ts';

/** True where it may be done: by --yes, or by whoever sits at the terminal. Throws CommandError where nobody does. */
export async function confirm(question: string, invocation: Invocation, io: Io): Promise<boolean> {
  if (invocation.isOn('yes')) return true;
  if (!io.isInteractive)
    throw new CommandError(
      'this needs confirmation, but there is no terminal',
      'add --yes to skip the question',
    );
  const answer = await io.ask(`${question} [y/N] `);
  if (/^y(?:es)?$/i.test(answer.trim())) return true;
  io.err('Nothing was done.\n');
  return false;
}
