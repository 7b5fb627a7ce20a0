// Words of the command line -> which command, with which flags and arguments; or what is wrong, and what was meant.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../../lib/edit-distance.ts';
import { type CommandSpec, type FlagSpec, type Invocation, UsageError } from './command.ts';
import { HELP } from './flags.ts';

export type Parsed =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  /** Help for what stands at these words: a command, a group of commands, or everything. */
  | { readonly kind: 'help'; readonly path: readonly string[] }
  | { readonly kind: 'version' };

/** Throws UsageError. */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly CommandSpec[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed {
  const firstFlag = argv.findIndex((word) => word.startsWith('-'));
  const words = firstFlag === -1 ? argv : argv.slice(0, firstFlag);
  const found = findAmongFlags(argv, commands);
  if (found) {
    const { command, rest } = found;
    const invocation = parseInvocation(command, rest, env);
    if (invocation.isOn(HELP.name)) return { kind: 'help', path: command.path };
    if (command.path[0] === 'help') return { kind: 'help', path: invocation.positionals };
    return { kind: 'run', invocation };
  }
  const flags = argv.slice(words.length);
  if (words.length === 0 && (flags[0] === '--version' || flags[0] === '-v')) return { kind: 'version' };
  const isHelpAsked = flags.some((word) => word === '--help' || word === '-h');
  refuseUnknownWords(words, commands);
  if (isHelpAsked || argv.length === 0) return { kind: 'help', path: words };
  if (words.length === 0) throw new UsageError(`unknown flag ${flags[0]}`, 'run: bia help');
  const next = new Set(commandsBelow(words, commands).flatMap(({ path }) => path[words.length] ?? []));
  const known = `bia ${words.join(' ')}`;
  throw new UsageError(`"${known}" needs one more word: ${[...next].join(', ')}`, `run: ${known} --help`);
}

const namesOf = ({ path, aliases = [] }: CommandSpec): readonly (readonly string[])[] => [path, ...aliases];

const startsWith = (words: readonly string[], start: readonly string[]): boolean =>
  start.every((word, index) => words[index] === word);

interface Named {
  readonly command: CommandSpec;
  /** Everything but the words of its name. */
  readonly rest: readonly string[];
}

/** The command with the longest name whose words come first, flags in between left aside: `migrate -c FILE sql`. */
function findAmongFlags(argv: readonly string[], commands: readonly CommandSpec[]): Named | undefined {
  let longest: (Named & { readonly length: number }) | undefined;
  // A line that begins with a flag names nothing: `--version`.
  if (argv[0]?.startsWith('-')) return undefined;
  for (const command of commands) {
    for (const name of namesOf(command)) {
      const rest = name.length > (longest?.length ?? 0) ? restBehind(argv, name, command) : undefined;
      if (rest) longest = { command, rest, length: name.length };
    }
  }
  return longest;
}

function restBehind(
  argv: readonly string[],
  name: readonly string[],
  { flags }: CommandSpec,
): readonly string[] | undefined {
  const between: string[] = [];
  let named = 0;
  let at = 0;
  for (; named < name.length; at += 1) {
    const word = argv[at];
    if (word === undefined) return undefined;
    if (!word.startsWith('-')) {
      if (word !== name[named]) return undefined;
      named += 1;
      continue;
    }
    between.push(word);
    const flag = flags.find(({ name: long, short }) => word === `--${long}` || word === `-${short}`);
    const value = argv[at + 1];
    if (flag?.value === undefined || value === undefined) continue;
    between.push(value);
    at += 1;
  }
  return [...between, ...argv.slice(at)];
}

/** The command whose name is the longest start of the words. */
export function findCommand(
  words: readonly string[],
  commands: readonly CommandSpec[],
): { readonly command: CommandSpec; readonly length: number } | undefined {
  const fitting = commands.flatMap((command) =>
    namesOf(command)
      .filter((name) => startsWith(words, name))
      .map((name) => ({ command, length: name.length })),
  );
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/** Commands below these words, such as all of `identities`. */
export function commandsBelow(
  words: readonly string[],
  commands: readonly CommandSpec[],
): readonly CommandSpec[] {
  return commands.filter((command) => namesOf(command).some((name) => startsWith(name, words)));
}

/** Throws UsageError where no command starts with the words. */
export function refuseUnknownWords(words: readonly string[], commands: readonly CommandSpec[]): void {
  const at = words.findIndex((_, index) => commandsBelow(words.slice(0, index + 1), commands).length === 0);
  if (at === -1) return;
  const before = words.slice(0, at);
  const word = words[at] ?? '';
  const names = commandsBelow(before, commands).flatMap(namesOf);
  const candidates = names.filter((name) => startsWith(name, before)).flatMap((name) => name[at] ?? []);
  const near = nearest(word, [...new Set(candidates)]);
  const known = ['bia', ...before].join(' ');
  throw new UsageError(
    `there is no command "${known} ${word}"`,
    near === undefined
      ? `run: ${before.length === 0 ? 'bia help' : `${known} --help`}`
      : `did you mean: ${known} ${near}`,
  );
}

function parseInvocation(
  command: CommandSpec,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Invocation {
  const flags = [...command.flags, HELP];
  const options: ParseArgsOptionsConfig = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short ? { short } : {}) },
    ]),
  );
  // Not strict: its own messages name no flag that was meant.
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = flags.find(({ name }) => name === token.name);
    if (!spec) throw unknownFlag(token.rawName, flags, command);
    given.set(spec.name, [...(given.get(spec.name) ?? []), checkedValue(spec, token.value)]);
  }
  if (!given.has(HELP.name)) refuseWrongCount(command, positionals);
  const all = (name: string): readonly string[] => given.get(name) ?? defaultsOf(flags, name, env);
  return {
    command,
    positionals,
    all,
    text: (name) => all(name).at(-1),
    isOn: (name) => all(name).at(-1) === 'true',
  };
}

function checkedValue(spec: FlagSpec, value: string | undefined): string {
  if (spec.value === undefined) {
    if (value === undefined || /^(?:true|1)$/i.test(value)) return 'true';
    if (/^(?:false|0)$/i.test(value)) return 'false';
    throw new UsageError(`--${spec.name} is a switch and takes no "${value}"`);
  }
  if (value === undefined) {
    throw new UsageError(`--${spec.name} needs a value`, `write: --${spec.name} ${spec.value}`);
  }
  if (spec.choices && !spec.choices.includes(value)) {
    throw new UsageError(`--${spec.name} takes ${spec.choices.join(', ')}, not "${value}"`);
  }
  return value;
}

function unknownFlag(raw: string, flags: readonly FlagSpec[], command: CommandSpec): UsageError {
  const name = `bia ${command.path.join(' ')}`;
  const near = raw.startsWith('--')
    ? nearest(
        raw.slice(2),
        flags.map((flag) => flag.name),
      )
    : undefined;
  return new UsageError(
    `"${name}" has no flag ${raw}`,
    near === undefined ? `run: ${name} --help` : `did you mean: --${near}`,
  );
}

function refuseWrongCount(command: CommandSpec, positionals: readonly string[]): void {
  const specs = command.arguments ?? [];
  const name = `bia ${command.path.join(' ')}`;
  const missing = specs.filter(({ isRequired }) => isRequired)[positionals.length];
  if (missing) throw new UsageError(`"${name}" needs ${missing.name}`, `run: ${name} --help`);
  if (specs.at(-1)?.isRepeatable) return;
  const extra = positionals[specs.length];
  if (extra !== undefined) throw new UsageError(`"${name}" does not take "${extra}"`, `run: ${name} --help`);
}

function defaultsOf(
  flags: readonly FlagSpec[],
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const spec = flags.find((flag) => flag.name === name);
  const fromEnv = spec?.env?.map((variable) => env[variable]).find((value) => value);
  const value = fromEnv ?? spec?.default;
  return value === undefined ? [] : [value];
}
