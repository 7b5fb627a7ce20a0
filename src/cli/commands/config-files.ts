// Which configuration do `config lint`, `config show` and `serve` speak of?

import { defaultConfig } from '../../config/default.ts';
import type { ConfigSources } from '../../config/load.ts';
import type { Invocation, Io } from '../line/command.ts';

/** Folder of an installation without a configuration file. */
export const DATA_DIR = 'data';

/** Files of `-c`, then those named as arguments; an entry may hold several with commas. */
export function configFiles(invocation: Invocation): readonly string[] {
  return [...invocation.all('config'), ...invocation.positionals].flatMap((file) => file.split(','));
}

/** What `serve` would load. Without files it is the built-in configuration, but no secrets are made for it. */
export function configSources(invocation: Invocation, io: Io): ConfigSources {
  const files = configFiles(invocation);
  return {
    files,
    env: io.env,
    // Only where it was given: it must not overrule a file that says otherwise.
    ...(invocation.text('dev') === undefined ? {} : { flags: { dev: invocation.isOn('dev') } }),
    ...(files.length === 0 ? { base: defaultConfig(DATA_DIR) } : {}),
  };
}
