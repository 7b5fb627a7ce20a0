// Verifies both ceremonies (W3C WebAuthn level 3, sections 7.1 and 7.2) and says what a key looks like afterwards.
import type * as SimpleWebAuthn from '@simplewebauthn/server';
import type { AssertionAnswer, NewKeyAnswer } from './answer.ts';
import type { Key } from './keys.ts';
import { ALGORITHMS } from './options.ts';
import type { RelyingParty } from './party.ts';
import { productName } from './product-name.ts';

interface Expected {
  readonly party: RelyingParty;
  readonly challenge: string;
  readonly requiresUserVerification: boolean;
  readonly now: string;
}

export type NewKey = Omit<Key, 'isPasswordless'>;

/** The new key, named after its product, or undefined where anything about the answer is wrong. */
export async function verifyNewKey(answer: NewKeyAnswer, of: Expected): Promise<NewKey | undefined> {
  if (isFromOtherSite(answer.clientDataJSON)) return undefined;
  const { verifyRegistrationResponse } = await library();
  try {
    const { verified, registrationInfo: made } = await verifyRegistrationResponse({
      response: {
        id: answer.id,
        rawId: answer.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { attestationObject: answer.attestationObject, clientDataJSON: answer.clientDataJSON },
      },
      ...expectations(of),
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    // The page says one id and the authenticator another: only the latter is signed.
    if (!verified || made.credential.id !== answer.id) return undefined;
    return {
      id: made.credential.id,
      publicKey: Buffer.from(made.credential.publicKey).toString('base64'),
      attestationType: made.fmt,
      aaguid: made.aaguid,
      signCount: made.credential.counter,
      cloneWarning: false,
      displayName: productName(made.aaguid),
      addedAt: of.now,
      flags: {
        userPresent: true,
        userVerified: made.userVerified,
        backupEligible: made.credentialDeviceType === 'multiDevice',
        backupState: made.credentialBackedUp,
      },
      transports: answer.transports,
    };
  } catch {
    return undefined; // the library throws for everything that is wrong, and for what it cannot decode
  }
}

export type AssertionCheck =
  | { readonly kind: 'refused' }
  /** The signature is right and the counter is not: two devices may hold the key. The key is to be stored, nobody signs in. */
  | { readonly kind: 'cloned'; readonly key: Key }
  | { readonly kind: 'verified'; readonly key: Key };

/** Checks an assertion against one key of the person; the key comes back as it is to be stored. */
export async function verifyAssertion(
  answer: AssertionAnswer,
  key: Key,
  of: Expected,
): Promise<AssertionCheck> {
  const refused = { kind: 'refused' } as const;
  if (answer.id !== key.id || isFromOtherSite(answer.clientDataJSON)) return refused;
  const { verifyAuthenticationResponse } = await library();
  try {
    const { verified, authenticationInfo: seen } = await verifyAuthenticationResponse({
      response: {
        id: answer.id,
        rawId: answer.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          authenticatorData: answer.authenticatorData,
          clientDataJSON: answer.clientDataJSON,
          signature: answer.signature,
        },
      },
      ...expectations(of),
      // The counter is compared below, once the signature is known to be right: a guess must not mark a key as copied.
      credential: { id: key.id, publicKey: Buffer.from(key.publicKey, 'base64'), counter: 0 },
    });
    const backupEligible = seen.credentialDeviceType === 'multiDevice';
    if (!verified || (key.flags.backupEligible ?? backupEligible) !== backupEligible) return refused;
    const isCounting = seen.newCounter > 0 || key.signCount > 0;
    if (isCounting && seen.newCounter <= key.signCount)
      return { kind: 'cloned', key: { ...key, cloneWarning: true } };
    return {
      kind: 'verified',
      key: {
        ...key,
        signCount: seen.newCounter,
        lastUsedAt: of.now,
        flags: { ...key.flags, backupEligible, backupState: seen.credentialBackedUp },
      },
    };
  } catch {
    return refused;
  }
}

function expectations(of: Expected): {
  readonly expectedChallenge: string;
  readonly expectedOrigin: string[];
  readonly expectedRPID: string;
  readonly requireUserVerification: boolean;
} {
  return {
    expectedChallenge: of.challenge,
    expectedOrigin: [...of.party.origins],
    expectedRPID: of.party.id,
    requireUserVerification: of.requiresUserVerification,
  };
}

/** A page of ours inside a frame of somebody else: no setting allows that, so a click there is not taken as consent. */
function isFromOtherSite(clientDataJSON: string): boolean {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    return typeof data !== 'object' || data === null || ('crossOrigin' in data && data.crossOrigin === true);
  } catch {
    return true;
  }
}

let loaded: Promise<typeof SimpleWebAuthn> | undefined;

/** Loaded with the first ceremony: it takes a quarter of a second, which no start needs. */
function library(): Promise<typeof SimpleWebAuthn> {
  loaded ??= import('@simplewebauthn/server').then((server) => {
    // Whoever made the authenticator is nobody we have to trust. Without roots the library asks no revocation service either.
    for (const identifier of ['apple', 'android-key', 'android-safetynet'] as const)
      server.SettingsService.setRootCertificates({ identifier, certificates: [] });
    return server;
  });
  return loaded;
}
