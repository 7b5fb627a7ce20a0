// What the rest of the product must know of a method's credentials without understanding them.
import type { Hasher } from '../../hash/hasher.ts';
import type { CredentialRules } from '../../identity/admin/administration.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { FactorCount, OtherFactors } from '../../identity/factor-count.ts';
import type { Credential } from '../../identity/identity.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { JsonObject } from '../../lib/json.ts';

export type { FactorCount } from '../../identity/factor-count.ts';

export interface ImportDeps {
  readonly hasher: Hasher;
  /** Seals what is `sealed` in the method's credentials; an import is sealed by the core. */
  readonly sealer: Sealer;
  readonly identityId: IdentityId;
}

/** A credential as it is stored, without its name. */
export type StoredCredential = Omit<CredentialDraft, 'type'>;

export interface CredentialKind<Config> {
  /** Counts what can be used now under this configuration; levels and "last way to sign in" follow from it. */
  readonly count: (credential: Credential, config: Config) => FactorCount;
  /** True where `count(...).second` can ever be above 0, so that whoami loads these credentials. */
  readonly isSecondFactor: (config: Config) => boolean;
  /** True where identifiers are made by the method (a subject, a key's handle) and do not follow from the traits. */
  readonly ownsIdentifiers?: true;
  /**
   * Texts of the stored config that nobody may read from the database, as paths: `totp_url`, `recovery_codes.*.code`. The
   * method seals them with `sealParts` before it stores, and opens them with `openParts`; administrators who ask for the
   * config see them open, and what they import or patch is sealed for them.
   */
  readonly sealed?: readonly string[];
  /**
   * Turns what administrators import into what is stored, with identifiers where they are the method's own; throws an
   * ApiError 400 where it cannot be used. The core seals the `sealed` parts of the result.
   */
  readonly fromImport?: (config: JsonObject, of: ImportDeps) => Promise<StoredCredential>;
  /** Why a config may not be stored as an administrator's patch has left it; the same bounds as those of `fromImport`. */
  readonly patchFault?: (config: JsonObject, of: Pick<ImportDeps, 'hasher'>) => string | undefined;
  /** True where administrators change it by import and removal only, and never by a patch of its parts. */
  readonly isPatchRefused?: true;
  /** Providers through which it signs in; told where an account exists already and hints are on. */
  readonly providers?: (credential: Credential, config: Config) => readonly string[];
  /** For credentials of several parts, such as linked accounts: administrators take one out. Throws 400 where it needs to know which. */
  readonly withoutPart?: CredentialRules['withoutPart'];
  /**
   * How it may be removed, by administrators and in settings alike: never, always, or only while another first factor stays.
   * The core holds to it; a change of settings that leaves nobody a first factor is refused.
   */
  readonly removal: 'never' | 'always' | 'unless-last';
  /**
   * What becomes of it when other credentials of the person changed, as backup codes that go with the last second factor.
   * Undefined: it stays as it is. Called with the factors of all other credentials, before and after.
   */
  readonly follow?: (own: Credential, others: OtherFactors) => StoredCredential | 'remove' | undefined;
}
