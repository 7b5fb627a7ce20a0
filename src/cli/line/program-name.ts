// How this program was started, so that the commands it suggests work as they stand there.
import path from 'node:path';
import { COMMANDS } from '../commands/list.ts';

/** `bia`, `npx bia` or `node bin/bia.mjs`, by the file that Node runs and what npm says of itself. */
export function programName(
  script: string | undefined,
  of: { readonly env: Readonly<Record<string, string | undefined>>; readonly folder: string },
): string {
  if (of.env['npm_command'] !== undefined) return 'npx bia';
  if (script === undefined || path.basename(script) === 'bia') return 'bia';
  const relative = path.relative(of.folder, script);
  // A file of this folder is written by its path; for any other the name of the command says more.
  return relative.startsWith('..') || path.isAbsolute(relative) ? 'bia' : `node ${relative}`;
}

const FIRST_WORDS = [
  ...new Set(COMMANDS.flatMap(({ path: words, aliases = [] }) => [words, ...aliases].map(([word]) => word))),
];
const SUGGESTED = new RegExp(`\\bbia (?=(?:${FIRST_WORDS.join('|')})\\b)`, 'g');

/** The text with each command of ours as it has to be typed here. */
export const asTyped = (text: string, program: string): string =>
  program === 'bia' ? text : text.replace(SUGGESTED, `${program} `);
