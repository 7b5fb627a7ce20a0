// The credential of an authenticator app: its address with the secret, sealed, and the step of the last code that was used.
import type { CredentialKind } from '../../flow/method/credential-kind.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { Credential } from '../../identity/identity.ts';
import type { Sealer } from '../../lib/cipher.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { badRequest } from '../../protocol/refusals.ts';
import type { TotpConfig } from './config.ts';
import { isDeviceUrl } from './device.ts';

export const NAME = 'totp';
/** What administrators read as the version of such a credential. */
const STORED_VERSION = 0;

export interface Device {
  readonly url: string;
  /** Codes of this step and of earlier ones are used up. */
  readonly lastStep: number | undefined;
  readonly lastUsedAt: string | undefined;
}

export const totpCredential: CredentialKind<TotpConfig> = {
  count: ({ config }) => ({ first: 0, second: typeof config['totp_url'] === 'string' ? 1 : 0 }),
  isSecondFactor: () => true,
  ownsIdentifiers: true,
  sealed: ['totp_url'],
  fromImport: async (config, { identityId }) => {
    const url = config['totp_url'];
    if (typeof url !== 'string' || !(await isDeviceUrl(url))) {
      throw badRequest('"totp_url" must be an address such as otpauth://totp/Example:ada?secret=...');
    }
    return { config: { totp_url: url }, identifiers: [identityId], version: STORED_VERSION };
  },
  removal: 'always',
};

/** Undefined where no app is set up, or where no secret opens it any more. */
export function readDevice(credential: Credential | undefined, sealer: Sealer): Device | undefined {
  const { totp_url: sealed, last_step: lastStep, last_used_at: lastUsedAt } = credential?.config ?? {};
  const url = typeof sealed === 'string' ? sealer.open(sealed) : undefined;
  if (url === undefined) return undefined;
  return {
    url,
    lastStep: typeof lastStep === 'number' ? lastStep : undefined,
    lastUsedAt: typeof lastUsedAt === 'string' ? lastUsedAt : undefined,
  };
}

/** The credential once a code of this step was used. */
export function usedDevice(
  url: string,
  of: {
    readonly step: number;
    readonly now: string;
    readonly identityId: IdentityId;
    readonly sealer: Sealer;
  },
): Omit<CredentialDraft, 'type'> {
  return {
    identifiers: [of.identityId],
    config: { totp_url: of.sealer.seal(url), last_step: of.step, last_used_at: of.now },
    version: STORED_VERSION,
  };
}
