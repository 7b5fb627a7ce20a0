// The stored credential: one entry for each linked account at a provider, found by "provider:subject".
import type { CredentialKind } from '../../flow/method/credential-kind.ts';
import type { Credential } from '../../identity/identity.ts';
import type { Sealer } from '../../lib/cipher.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { OidcConfig } from './config.ts';
import type { Tokens } from './provider.ts';

export const NAME = 'oidc';

/** One account at one provider. Members that other versions wrote stay as they are. */
export interface LinkedAccount {
  readonly provider: string;
  readonly subject: string;
  readonly entry: JsonObject;
}

/** Case counts: subjects are opaque. */
export const identifierOf = ({ provider, subject }: Pick<LinkedAccount, 'provider' | 'subject'>): string =>
  `${provider}:${subject}`;

/** `tokens` are sealed. */
export function newEntry(provider: string, subject: string, tokens: Tokens): JsonObject {
  return {
    subject,
    provider,
    initial_id_token: tokens.idToken ?? '',
    initial_access_token: tokens.accessToken ?? '',
    initial_refresh_token: tokens.refreshToken ?? '',
  };
}

/** Whoever reads the database must not be able to act at the provider in the person's name. */
export function sealTokens(sealer: Sealer, { idToken, accessToken, refreshToken }: Tokens): Tokens {
  const sealed = (token: string | undefined): string => (token ? sealer.seal(token) : '');
  return {
    idToken: sealed(idToken),
    accessToken: sealed(accessToken),
    refreshToken: sealed(refreshToken),
  };
}

/** The linked accounts in the order in which they were linked; entries that cannot be read are no accounts. */
export function accountsOf(credential: Pick<Credential, 'config'> | undefined): readonly LinkedAccount[] {
  const list = credential?.config?.['providers'];
  if (!Array.isArray(list)) return [];
  return list.filter(isJsonObject).flatMap((entry) => {
    const { provider, subject } = entry;
    return typeof provider === 'string' && typeof subject === 'string' ? [{ provider, subject, entry }] : [];
  });
}

export interface StoredAccounts {
  readonly version: number;
  readonly config: JsonObject;
  readonly identifiers: readonly string[];
}

export const stored = (accounts: readonly LinkedAccount[]): StoredAccounts => ({
  // As Kratos numbers them.
  version: 0,
  config: { providers: accounts.map(({ entry }) => entry) },
  identifiers: [...new Set(accounts.map(identifierOf))],
});

/** The credential with one more account; the same account again is the newer one. */
export function withAccount(
  credential: Pick<Credential, 'config'> | undefined,
  provider: string,
  entry: JsonObject,
): StoredAccounts {
  const subject = String(entry['subject']);
  const others = accountsOf(credential).filter(
    (account) => account.provider !== provider || account.subject !== subject,
  );
  return stored([...others, { provider, subject, entry }]);
}

/** Accounts through which their person can sign in now: the provider is configured and the subject is theirs. */
function usableAccounts(credential: Credential, config: OidcConfig): readonly LinkedAccount[] {
  const configured = new Set(config.config.providers.map(({ id }) => id));
  return accountsOf(credential).filter(
    (account) =>
      configured.has(account.provider) &&
      credential.identifiers.includes(identifierOf(account)) &&
      !account.entry['organization'],
  );
}

export const oidcCredential: CredentialKind<OidcConfig> = {
  count: (credential, config) => ({ first: usableAccounts(credential, config).length, second: 0 }),
  isSecondFactor: () => false,
  ownsIdentifiers: true,
  providers: (credential, config) => [
    ...new Set(usableAccounts(credential, config).map(({ provider }) => provider)),
  ],
  sealed: [
    'providers.*.initial_id_token',
    'providers.*.initial_access_token',
    'providers.*.initial_refresh_token',
  ],
  fromImport: async (config) => imported(config),
  withoutPart: (credential, identifier) => {
    if (!identifier) throw badRequest('Name the account to remove: ?identifier=provider:subject.');
    const accounts = accountsOf(credential);
    const rest = accounts.filter((account) => identifierOf(account) !== identifier);
    if (rest.length === accounts.length) return { kind: 'unknown-part' };
    return rest.length === 0 ? { kind: 'nothing' } : { kind: 'rest', draft: stored(rest) };
  },
  removal: 'unless-last',
};

const TOKENS = ['initial_id_token', 'initial_access_token', 'initial_refresh_token'] as const;

function imported(config: JsonObject): StoredAccounts {
  const list = config['providers'];
  if (!Array.isArray(list) || list.length === 0) throw badRequest('"providers" must be a list.');
  return stored(
    list.map((given) => {
      if (!isJsonObject(given)) throw badRequest('Each provider must be an object.');
      const { provider, subject, organization, use_auto_link: autoLink } = given;
      if (typeof provider !== 'string' || provider === '') throw badRequest('"provider" must be text.');
      if (typeof subject !== 'string' || subject === '') throw badRequest('"subject" must be text.');
      if (organization) throw badRequest('Organizations are not supported.');
      if (autoLink) throw badRequest('"use_auto_link" is not supported.');
      const tokens = TOKENS.map((name) => {
        const token = given[name];
        return [name, typeof token === 'string' ? token : ''] as const;
      });
      return { provider, subject, entry: { subject, provider, ...Object.fromEntries(tokens) } };
    }),
  );
}
