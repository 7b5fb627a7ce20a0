// docs/reference/cli.md: every command with its flags, from the list that the parser uses.

import { COMMANDS } from '../../src/cli/commands/list.ts';
import type { CommandSpec } from '../../src/cli/line/command.ts';
import { HELP } from '../../src/cli/line/flags.ts';
import { flagName, flagText, usageLine } from '../../src/cli/line/help.ts';
import { code, GENERATED, page, table } from './markdown.ts';

export function cliPage(): string {
  return page('# Command line', GENERATED, INTRODUCTION, ...COMMANDS.flatMap(commandBlocks));
}

function commandBlocks(command: CommandSpec): readonly string[] {
  const {
    path,
    summary,
    description = [],
    arguments: args = [],
    flags,
    examples = [],
    aliases = [],
  } = command;
  return [
    `## bia ${path.join(' ')}`,
    summary,
    ...description,
    fence(usageLine(command)),
    args.length === 0
      ? ''
      : table(
          ['argument', 'meaning'],
          args.map(({ name, text }) => [code(name), text]),
        ),
    table(
      ['flag', 'meaning'],
      [...flags, HELP].map((flag) => [code(flagName(flag)), flagText(flag)]),
    ),
    aliases.length === 0 ? '' : `Also: ${aliases.map((words) => code(`bia ${words.join(' ')}`)).join(', ')}.`,
    examples.length === 0 ? '' : fence(examples.join('\n')),
  ];
}

const fence = (text: string): string => `\`\`\`sh\n${text}\n\`\`\``;

const INTRODUCTION =
  'In a checkout `bia` is `node bin/bia.mjs`. A command ends with 0 when it did what it was asked for, with 1 when that failed, and with 2 when the command line itself was wrong.';
