// Flags that several commands share.
import { type FlagSpec, type Invocation, UsageError } from './command.ts';

export const HELP: FlagSpec = { name: 'help', short: 'h', text: 'Show help for this command.' };

export const CONFIG: FlagSpec = {
  name: 'config',
  short: 'c',
  value: 'FILE',
  isRepeatable: true,
  text: 'Configuration file (.yaml, .yml, .json); several are merged in order, and one flag takes a list with commas.',
};

export const DEV: FlagSpec = {
  name: 'dev',
  text: 'Development mode: cookies are not secure by default.',
};

export const ENDPOINT: FlagSpec = {
  name: 'endpoint',
  short: 'e',
  value: 'URL',
  env: ['BIA_ADMIN_URL', 'KRATOS_ADMIN_URL'],
  default: 'http://127.0.0.1:4434',
  text: 'Address of the admin API.',
};

export const FORMAT: FlagSpec = {
  name: 'format',
  short: 'f',
  value: 'FORMAT',
  default: 'table',
  text: 'How results are written: table, json, json-pretty, yaml, jsonpointer=/a/b or jsonpath=a.b.',
};

export const QUIET: FlagSpec = { name: 'quiet', short: 'q', text: 'Write ids only.' };

export const YES: FlagSpec = { name: 'yes', short: 'y', text: 'Do it without asking.' };

export const PAGE_SIZE: FlagSpec = {
  name: 'page-size',
  value: 'N',
  default: '100',
  text: 'How many to read at once.',
};

export const PAGE_TOKEN: FlagSpec = {
  name: 'page-token',
  value: 'TOKEN',
  text: 'Where to go on: the "next page token" of the answer before.',
};

export const ALL_PAGES: FlagSpec = { name: 'all', text: 'Read all pages.' };

export const READ_FROM_ENV: FlagSpec = {
  name: 'read-from-env',
  short: 'e',
  text: 'Take the address of the database from the variable DSN or the configuration, not from the command line.',
};

/** Flags of every command that talks to the admin API. */
export const ADMIN: readonly FlagSpec[] = [ENDPOINT, FORMAT, QUIET];

/** The whole number of a flag. Throws UsageError where it is none, or out of bounds. */
export function wholeNumber(
  invocation: Invocation,
  name: string,
  limits: { readonly min: number; readonly max: number },
): number {
  const text = invocation.text(name) ?? '';
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= limits.min && value <= limits.max) return value;
  throw new UsageError(`--${name} takes a number from ${limits.min} to ${limits.max}, not "${text}"`);
}
