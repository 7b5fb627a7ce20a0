// Which database is meant: by argument, by environment, by configuration files, or the one of an installation without any.
import { defaultConfig } from '../../config/default.ts';
import { ConfigFileError, mergeDocuments, readConfigFile } from '../../config/file.ts';
import { isJsonObject, type Json } from '../../lib/json.ts';
import { CommandError, type Invocation, UsageError } from '../line/command.ts';

/**
 * Files are read, not checked: a fault elsewhere in them must not keep anybody from migrating.
 * Throws UsageError or CommandError where no database is named.
 */
export function chooseDsn(invocation: Invocation, env: Readonly<Record<string, string | undefined>>): string {
  const [argument] = invocation.positionals;
  const isFromEnv = invocation.isOn('read-from-env');
  if (argument !== undefined && isFromEnv) {
    throw new UsageError('the database is named twice: by an argument and by -e', 'leave one of them out');
  }
  if (argument !== undefined) {
    if (argument === 'memory' || argument.includes('://')) return argument;
    throw new UsageError(`"${argument}" is not a database address`, 'write it such as: sqlite://bia.sqlite');
  }
  const fromEnv = env['DSN'];
  if (fromEnv) return fromEnv;
  const files = invocation.all('config').flatMap((file) => file.split(','));
  if (files.length > 0) return dsnOfFiles(files);
  if (isFromEnv)
    throw new CommandError('the variable DSN is not set', 'set it, or name a configuration file with -c');
  return String(defaultConfig('data')['dsn']);
}

function dsnOfFiles(files: readonly string[]): string {
  try {
    const merged = files
      .map((file) => readConfigFile(file).content)
      .reduce<Json | undefined>((all, next) => mergeDocuments(all, next), {});
    const dsn = isJsonObject(merged) ? merged['dsn'] : undefined;
    if (typeof dsn === 'string' && dsn !== '') return dsn;
  } catch (error) {
    if (error instanceof ConfigFileError) throw new CommandError(error.message);
    throw error;
  }
  throw new CommandError(`${files.join(', ')}: there is no key dsn`, 'add it, or set the variable DSN');
}
