// The credential of backup codes.
import type { CredentialKind } from '../../flow/method/credential-kind.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { type BackupCode, clearCodes, countCodes, readImportedCodes, writeCodes } from './codes.ts';

export const NAME = 'lookup_secret';
/** What administrators read as the version of such a credential. */
const STORED_VERSION = 0;

export const lookupCredential: CredentialKind<unknown> = {
  // Used-up codes still count: otherwise the last one would turn the second factor off for whoever knows the password.
  count: ({ config }) => ({ first: 0, second: countCodes(config).all > 0 ? 1 : 0 }),
  isSecondFactor: () => true,
  ownsIdentifiers: true,
  sealed: ['recovery_codes.*.code'],
  fromImport: async (config, { identityId }) => {
    const codes = readImportedCodes(config);
    if (!codes) throw badRequest('"codes" must be a list of objects, each with a "code".');
    return { config: clearCodes(codes), identifiers: [identityId], version: STORED_VERSION };
  },
  removal: 'always',
};

export const withCodes = (
  codes: readonly BackupCode[],
  of: { readonly identityId: IdentityId; readonly sealer: Sealer },
): Omit<CredentialDraft, 'type'> => ({
  identifiers: [of.identityId],
  config: writeCodes(codes, of.sealer),
  version: STORED_VERSION,
});
