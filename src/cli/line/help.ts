// Help texts, written from the list of commands.
import type { CommandSpec, FlagSpec } from './command.ts';
import { HELP } from './flags.ts';
import { commandsBelow, findCommand, refuseUnknownWords } from './parse.ts';

/** Help for the words: a command, a group, or everything. Throws UsageError where there is no such command. */
export function helpText(words: readonly string[], commands: readonly CommandSpec[]): string {
  const found = findCommand(words, commands);
  if (found && found.length === words.length) return commandHelp(found.command);
  refuseUnknownWords(words, commands);
  const below = commandsBelow(words, commands);
  const title =
    words.length === 0
      ? 'Bia, an identity server that speaks the Ory Kratos protocol'
      : `Commands of "bia ${words.join(' ')}"`;
  const rows = below.map(({ path, summary }) => [`bia ${path.join(' ')}`, summary] as const);
  return [
    title,
    '',
    ...columns(rows),
    '',
    words.length === 0
      ? 'Start with: bia serve\nHelp for a command: bia help COMMAND'
      : `Help for a command: bia help ${words.join(' ')} COMMAND`,
    '',
  ].join('\n');
}

/** `bia identities get ID... [flags]` */
export function usageLine({ path, arguments: args = [], flags }: CommandSpec): string {
  const names = args.map(({ name, isRequired, isRepeatable }) => {
    const text = `${name}${isRepeatable ? '...' : ''}`;
    return isRequired ? text : `[${text}]`;
  });
  return ['bia', ...path, ...names, ...(flags.length > 0 ? ['[flags]'] : [])].join(' ');
}

export function flagName({ name, short, value }: FlagSpec): string {
  return `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
}

/** What a flag does, with the variable and the value that stand in for it. */
export function flagText({ text, env = [], default: standard, isRepeatable }: FlagSpec): string {
  const notes = [
    ...(isRepeatable ? ['repeatable'] : []),
    ...(env.length > 0 ? [`or ${env.join(' or ')}`] : []),
    ...(standard === undefined ? [] : [`default: ${standard}`]),
  ];
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`;
}

function commandHelp(command: CommandSpec): string {
  const { summary, description = [], arguments: args = [], flags, examples = [], aliases = [] } = command;
  const flagRows = [...flags, HELP].map((flag) => [flagName(flag), flagText(flag)] as const);
  return [
    summary,
    ...description.flatMap((paragraph) => ['', paragraph]),
    '',
    `Usage: ${usageLine(command)}`,
    ...(args.length === 0 ? [] : ['', ...columns(args.map(({ name, text }) => [name, text] as const))]),
    '',
    'Flags:',
    ...columns(flagRows),
    ...(aliases.length === 0
      ? []
      : ['', `Also: ${aliases.map((words) => `bia ${words.join(' ')}`).join(', ')}`]),
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples.map((example) => `  ${example}`)]),
    '',
  ].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
