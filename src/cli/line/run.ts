// One command line from its words to its exit code; every failure ends here as text.

import { COMMANDS } from '../commands/list.ts';
import { type CliDeps, CommandError, type ExitCode, type Io, UsageError } from './command.ts';
import { HANDLERS } from './handlers.ts';
import { helpText } from './help.ts';
import { parseCommandLine } from './parse.ts';
import { asTyped } from './program-name.ts';

export async function runCommandLine(argv: readonly string[], io: Io, deps: CliDeps): Promise<ExitCode> {
  try {
    const parsed = parseCommandLine(argv, COMMANDS, io.env);
    if (parsed.kind === 'help') {
      io.out(helpText(parsed.path, COMMANDS));
      return 0;
    }
    if (parsed.kind === 'version') {
      io.out(`${(await import('../commands/version.ts')).versionText()}\n`);
      return 0;
    }
    const { invocation } = parsed;
    const load = HANDLERS[invocation.command.path.join(' ')];
    if (!load) throw new Error(`the command ${invocation.command.path.join(' ')} has no code`);
    return await (await load())(invocation, { io, deps });
  } catch (error) {
    return failed(error, io);
  }
}

function failed(error: unknown, io: Io): ExitCode {
  if (error instanceof UsageError || error instanceof CommandError) {
    const hint = error.hint === undefined ? '' : `     ${asTyped(error.hint, io.program)}\n`;
    io.err(`bia: ${error.message}\n${hint}`);
    return error instanceof UsageError ? 2 : 1;
  }
  // By its name: its file would load the whole configuration for every command.
  if (error instanceof Error && error.name === 'ConfigError') {
    const hint = asTyped('check it with: bia config lint FILE', io.program);
    io.err(`${error.message}\n\nbia: the configuration cannot be used\n     ${hint}\n`);
    return 1;
  }
  // Ours: the place in the code helps whoever mends it.
  io.err(`bia: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}
