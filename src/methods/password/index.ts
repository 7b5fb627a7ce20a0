// Signing in with an identifier and a password.

import { defineMethod, type ImportDeps } from '../../flow/method/contract.ts';
import type { JsonObject } from '../../lib/json.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { type PasswordConfig, passwordConfig } from './config.ts';
import { storedHash } from './hash.ts';
import { passwordLogin } from './login.ts';
import { allMessages } from './messages.ts';
import { createPasswordPolicy } from './policy.ts';
import { passwordRegistration } from './registration.ts';
import { passwordSettings } from './settings.ts';

export const password = defineMethod<PasswordConfig>({
  name: 'password',
  order: 20,
  ranks: {
    login: { group: 60, keys: ['password'], isInterleaved: true },
    registration: { group: 60, keys: ['password'], isBehindFirstTrait: true, isInterleaved: true },
    settings: { group: 20, isInterleaved: true },
  },
  config: passwordConfig,
  isEnabledByDefault: true,
  credential: {
    count: ({ identifiers, config }) => ({
      first: identifiers.some((identifier) => identifier !== '') && storedHash(config) !== undefined ? 1 : 0,
      second: 0,
    }),
    isSecondFactor: () => false,
    fromImport,
    patchFault,
    removal: 'unless-last',
  },
  messages: allMessages,
  words: {
    section: {
      title: 'Password',
      about: 'Use a long, unique password that you don’t use anywhere else.',
      save: 'Save password',
    },
  },
  create: (deps, { config }) => {
    const policy = createPasswordPolicy({
      config,
      outbound: deps.outbound,
      maxBytes: deps.maxPasswordBytes,
      clock: deps.clock,
    });
    return {
      leastCharacters: config.min_password_length,
      login: passwordLogin(deps),
      registration: passwordRegistration(deps, policy),
      settings: passwordSettings(deps, policy),
    };
  },
});

const IMPORT_KEYS: ReadonlySet<string> = new Set(['hashed_password', 'password']);

/** A clear password would stay clear: a patch hashes nothing. */
function patchFault(config: JsonObject, { hasher }: Pick<ImportDeps, 'hasher'>): string | undefined {
  for (const [key, value] of Object.entries(config)) {
    if (key === 'use_password_migration_hook' && !value) continue;
    if (key !== 'hashed_password') return `"${key}" cannot be set by a patch.`;
  }
  const hash = config['hashed_password'];
  if (typeof hash !== 'string') return '"hashed_password" must be text.';
  return hasher.validateImported(hash);
}

/**
 * A hash of a known kind is taken as it is; a clear password is hashed, without asking the policy, and counts where both are
 * given (docs/protocol/platform.md section 5). Neither of them would make a credential that nobody can sign in with.
 */
async function fromImport(
  config: JsonObject,
  { hasher }: ImportDeps,
): Promise<{ readonly config: JsonObject }> {
  for (const [key, value] of Object.entries(config)) {
    // Switched off it says nothing; switched on the password would be lost, since nobody would be asked for it.
    if (key === 'use_password_migration_hook' && !value) continue;
    if (!IMPORT_KEYS.has(key)) throw badRequest(`"${key}" cannot be imported.`);
    if (typeof value !== 'string' && value !== null) throw badRequest(`"${key}" must be text.`);
  }
  const { hashed_password: hash, password: clear } = config;
  if (typeof hash === 'string' && hash !== '') {
    const fault = hasher.validateImported(hash);
    if (fault !== undefined) throw badRequest(fault);
  }
  if (typeof clear === 'string' && clear !== '')
    return { config: { hashed_password: await hasher.hash(clear) } };
  if (typeof hash === 'string' && hash !== '') return { config: { hashed_password: hash } };
  throw badRequest(
    'Either "hashed_password" or "password" is required; omit the credential if there is no password.',
  );
}
